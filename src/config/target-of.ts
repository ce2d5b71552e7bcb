import type { HealthRule } from '../model/health-rule.ts';
import { type RepositoryId, type Target, targetId } from '../model/target.ts';
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
  const path = repositoryPath(fill(app.path, values));
  if (path === undefined) return { message: `path "${app.path}" leaves the repository` };
  const unknown = app.dependsOn.find((name) => !found.known.has(name));
  if (unknown !== undefined) {
    return { message: `depends on the unknown app "${unknown}"${suggest(unknown, [...found.known])}` };
  }
  const parts = { repository, app: app.name, environment: environment.name };
  return {
    id: targetId(parts),
    ...parts,
    branch: environment.branch,
    cluster: environment.cluster,
    namespace,
    path,
    renderer: app.renderer,
    helm,
    dependsOn: dependenciesOf(app, found),
    timeoutMs: app.timeoutMs,
    failFastMs: app.failFastMs,
    health,
    adopt: app.adopt,
    prune: app.prune,
  };
}

/** What is not deployed in this environment is not waited for; an app of the pattern does not wait for itself. */
function dependenciesOf(app: AppConfig, found: FoundApps): string[] {
  return [...new Set(app.dependsOn)].filter((name) => name !== app.name && found.deployed.has(name));
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

// Helm refuses longer ones: https://helm.sh/docs/chart_template_guide/getting_started/ (63 less what charts append).
const longestReleaseName = 53;

function helmOf(app: AppConfig, values: PlaceholderValues): Target['helm'] | TargetMistake {
  const releaseName = fill(app.helm.releaseName ?? app.name, values);
  // The name of an app is also a release name where nobody uses Helm; only a written one is known to matter.
  if (app.helm.releaseName !== undefined && releaseName.length > longestReleaseName) {
    return { message: `release name "${releaseName}" has more than ${longestReleaseName} characters` };
  }
  const folder = fill(app.path, values);
  const files = app.helm.values.map((file) => pathFrom(folder, fill(file, values)));
  if (files.includes(undefined)) return { message: 'a values file leaves the repository' };
  return { releaseName, values: files.filter((file) => file !== undefined) };
}
