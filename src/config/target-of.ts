import type { HealthRule } from '../model/health-rule.ts';
import {
  type JsonnetOptions,
  type RepositoryId,
  type Target,
  type TargetId,
  type TargetParts,
  targetId,
} from '../model/target.ts';
import { dependencyParts } from './dependency-schema.ts';
import type { FoundApps } from './find-apps.ts';
import { pathFrom, repositoryPath } from './paths.ts';
import { fill, type PlaceholderValues } from './placeholders.ts';
import type { AppConfig, EnvironmentConfig } from './slipway-schema.ts';
import { isLabel, labelRule, suggest } from './values.ts';

export interface TargetMistake {
  message: string;
  hint?: string | undefined;
}

interface TargetSource {
  app: AppConfig;
  environment: EnvironmentConfig;
  repository: RepositoryId;
  found: FoundApps;
  health: HealthRule[];
}

/** An app in an environment with every placeholder filled in, or why it cannot be one. */
export function targetOf({
  app,
  environment,
  repository,
  found,
  health,
}: TargetSource): Target | TargetMistake {
  const values = { app: app.name, environment: environment.name };
  const namespace = namespaceOf(app, environment, values);
  if (typeof namespace !== 'string') return namespace;
  const helm = helmOf(app, values);
  if ('message' in helm) return helm;
  const jsonnet = jsonnetOf(app, values);
  if (jsonnet !== undefined && 'message' in jsonnet) return jsonnet;
  const path = repositoryPath(fill(app.path, values));
  if (path === undefined) return { message: `path "${app.path}" leaves the repository` };
  const parts = { repository, app: app.name, environment: environment.name };
  const dependsOn = dependenciesOf(app, parts, found);
  if ('message' in dependsOn) return dependsOn;
  return {
    id: targetId(parts),
    ...parts,
    branch: environment.branch,
    cluster: environment.cluster,
    namespace,
    path,
    renderer: app.renderer,
    helm,
    ...(jsonnet && { jsonnet }),
    dependsOn,
    timeoutMs: app.timeoutMs,
    failFastMs: app.failFastMs,
    health,
    adopt: app.adopt,
    ignore: app.ignore,
    mask: app.mask,
    prune: app.prune,
  };
}

/**
 * Dependencies that are not deployed in this environment are dropped, and so is that of a pattern's app on itself. The
 * apps of other repositories are not known here.
 */
function dependenciesOf(app: AppConfig, own: TargetParts, found: FoundApps): TargetId[] | TargetMistake {
  const ids = new Set<TargetId>();
  for (const dependency of app.dependsOn) {
    const parts = dependencyParts(dependency, own);
    if (parts.repository === own.repository && parts.environment === own.environment) {
      if (!found.known.has(parts.app)) {
        return {
          message: `depends on the unknown app "${parts.app}"${suggest(parts.app, [...found.known])}`,
        };
      }
      if (parts.app === own.app || !found.deployed.has(parts.app)) continue;
    }
    ids.add(targetId(parts));
  }
  return [...ids];
}

function namespaceOf(
  app: AppConfig,
  environment: EnvironmentConfig,
  values: PlaceholderValues,
): string | TargetMistake {
  const written = app.namespace ?? environment.namespace;
  if (written === undefined) {
    return {
      message: 'has no namespace',
      hint: `Write namespace for environment ${environment.name}, or for the app.`,
    };
  }
  const namespace = fill(written, values);
  return isLabel(namespace)
    ? namespace
    : { message: `"${namespace}" is not a valid namespace: ${labelRule}` };
}

// Helm refuses longer names: https://helm.sh/docs/chart_template_guide/getting_started/ (63 less what charts append).
const longestReleaseName = 53;

function helmOf(app: AppConfig, values: PlaceholderValues): Target['helm'] | TargetMistake {
  const releaseName = fill(app.helm.releaseName ?? app.name, values);
  // Only a written name is checked: the default is the app's name, which may be longer if the app does not use Helm.
  if (app.helm.releaseName !== undefined && releaseName.length > longestReleaseName) {
    return { message: `release name "${releaseName}" has more than ${longestReleaseName} characters` };
  }
  const folder = fill(app.path, values);
  const files = app.helm.values.map((file) => pathFrom(folder, fill(file, values)));
  if (files.includes(undefined)) return { message: 'a values file leaves the repository' };
  return { releaseName, values: files.filter((file) => file !== undefined) };
}

function jsonnetOf(app: AppConfig, values: PlaceholderValues): JsonnetOptions | TargetMistake | undefined {
  if (!app.jsonnet) return undefined;
  const folder = fill(app.path, values);
  const libraries = app.jsonnet.libraries.map((library) => pathFrom(folder, fill(library, values)));
  if (libraries.includes(undefined)) return { message: 'a library of Jsonnet leaves the repository' };
  const filled = (given: JsonnetOptions['arguments']) =>
    Object.fromEntries(
      Object.entries(given).map(([name, value]) => [
        name,
        typeof value === 'string' ? fill(value, values) : value,
      ]),
    );
  return {
    libraries: libraries.filter((library) => library !== undefined),
    arguments: filled(app.jsonnet.arguments),
    variables: filled(app.jsonnet.variables),
  };
}
