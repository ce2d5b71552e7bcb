import type { SourcePlace } from '../model/source-place.ts';
import type { RepositoryId, Target } from '../model/target.ts';
import type { Tree } from '../model/tree.ts';
import { findApps, isFolder } from './find-apps.ts';
import type { EnvironmentConfig, SlipwayConfig } from './slipway-schema.ts';
import { type TargetMistake, targetOf } from './target-of.ts';
import { suggest } from './values.ts';

export interface ResolveInput {
  repository: RepositoryId;
  /** The default branch's slipway.yaml: a push to another branch cannot define what production is. */
  defined: Pick<SlipwayConfig, 'environments' | 'held'>;
  /** The branch's own slipway.yaml. */
  config: SlipwayConfig;
  branch: string;
  tree: Tree;
}

/** Why an app is not a target in an environment; the other apps are not affected. */
export interface TargetProblem {
  app: string;
  environment: string;
  message: string;
  hint?: string | undefined;
  place: SourcePlace;
}

export interface ResolvedTargets {
  /** Named apps in the order of the file, then those of the pattern by name. */
  targets: Target[];
  /** Targets whose folder the commit does not have: they fail, and nothing of them is pruned. */
  missing: Target[];
  problems: TargetProblem[];
}

/** The branches that environments follow, also those with a mistake, each once. */
export function followedBranches(config: SlipwayConfig): string[] {
  const all = [...Object.values(config.environments), ...Object.values(config.held)];
  return [...new Set(all.flatMap(({ branch }) => branch ?? []))];
}

/** The targets of a branch: each app in each environment that follows it, with every placeholder filled in. */
export async function resolveTargets(input: ResolveInput): Promise<ResolvedTargets> {
  const result: ResolvedTargets = { targets: [], missing: [], problems: [] };
  for (const environment of Object.values(input.defined.environments)) {
    if (environment.branch !== input.branch) continue;
    result.problems.push(...unknownEnvironments(environment, input));
    await resolveEnvironment(environment, input, result);
  }
  return result;
}

async function resolveEnvironment(
  environment: EnvironmentConfig,
  input: ResolveInput,
  result: ResolvedTargets,
): Promise<void> {
  const { config, tree, repository } = input;
  const found = await findApps(config, environment.name, tree);
  const problem = (app: string, line: number | undefined, mistake: TargetMistake) =>
    result.problems.push({
      app,
      environment: environment.name,
      ...mistake,
      place: { file: config.file, line },
    });
  for (const { name, message } of found.refused) problem(name, config.apps['*']?.line, { message });
  for (const app of found.apps) {
    const target = targetOf({ app, environment, repository, found, health: config.health });
    if ('message' in target) {
      problem(app.name, app.line, target);
      continue;
    }
    const list = (await isFolder(target.path, tree)) ? result.targets : result.missing;
    list.push(target);
  }
}

/**
 * A filter that names an unknown environment is most likely a typing error, so it is reported where the app is left out.
 */
function unknownEnvironments(
  environment: EnvironmentConfig,
  { config, defined }: ResolveInput,
): TargetProblem[] {
  const environments = { ...defined.environments, ...defined.held };
  return Object.values(config.apps).flatMap((app) => {
    const filter = app.environments ?? [environment.name];
    const unknown = filter.find((name) => !Object.hasOwn(environments, name));
    if (unknown === undefined || filter.includes(environment.name)) return [];
    const message = `unknown environment "${unknown}"${suggest(unknown, Object.keys(environments))}`;
    const hint = "Environments are those of the default branch's slipway.yaml.";
    const place = { file: config.file, line: app.line };
    return [{ app: app.name, environment: environment.name, message, hint, place }];
  });
}
