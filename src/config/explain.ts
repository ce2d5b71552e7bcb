import { errorOf, SlipwayError, toSlipwayError } from '../errors.ts';
import { type RepositoryId, relativeName, type Target } from '../model/target.ts';
import type { Tree } from '../model/tree.ts';
import type { Admission } from '../ports/admission.ts';
import { refusedDependencies } from './dependency.ts';
import { configError } from './issues.ts';
import { resolveTargets } from './resolve-targets.ts';
import type { EnvironmentConfig, SlipwayConfig } from './slipway-schema.ts';

/** What a file means, and what would be refused. */
export interface Explanation {
  lines: string[];
  errors: SlipwayError[];
}

export interface ExplainSlipwayInput {
  config: SlipwayConfig;
  tree: Tree;
  /** Undefined: not known, so rules are not applied. */
  repository?: RepositoryId | undefined;
  admission?: Admission | undefined;
  /** Warnings about an app's files; throws what a render would fail with before it begins. */
  look?: ((target: Target) => Promise<string[]>) | undefined;
}

/** Explains every environment with its apps, as if the folder were the head of the branch that it follows. */
export async function explainSlipway(input: ExplainSlipwayInput): Promise<Explanation> {
  const { config, repository, admission } = input;
  const environments = Object.values(config.environments);
  const held = Object.values(config.held);
  const parts = await Promise.all(environments.map((environment) => explainEnvironment(environment, input)));
  const empty =
    environments.length === 0 ? ['  no environments: nothing is deployed from this branch alone'] : [];
  const refused = admission && repository ? refusedDependencies(config, repository, admission) : [];
  return {
    lines: [
      `${config.file}${repository ? ` of ${repository}` : ''}`,
      ...empty,
      ...parts.flatMap((part) => part.lines),
      ...held.map(
        ({ name }) => `  ${name}: held: its definition has a mistake, so nothing of it is deployed or pruned`,
      ),
    ],
    errors: [
      ...held.flatMap(({ failures }) => failures.map(errorOf)),
      ...refused,
      ...parts.flatMap((part) => part.errors),
    ],
  };
}

async function explainEnvironment(
  environment: EnvironmentConfig,
  { config, tree, repository, admission, look }: ExplainSlipwayInput,
): Promise<Explanation> {
  const { targets, missing, problems } = await resolveTargets({
    repository: repository ?? 'unknown/unknown/unknown',
    defined: config,
    config,
    branch: environment.branch,
    tree,
  });
  const here = ({ environment: name }: { environment: string }) => name === environment.name;
  const admitted = await Promise.all(
    targets.filter(here).map(async (target) => {
      const { lines, errors } = explainTarget(target, config, admission);
      const seen = await lookAt(target, look);
      return { lines: [...lines, ...seen.lines], errors: [...errors, ...seen.errors] };
    }),
  );
  return {
    lines: [
      `  ${environment.name}: branch ${environment.branch} → cluster ${environment.cluster}`,
      ...admitted.flatMap(({ lines }) => lines),
      ...missing
        .filter(here)
        .map(({ app, path }) => `    ${app}: fails while folder ${path} is missing; nothing is pruned`),
      ...problems.filter(here).map(({ app, message }) => `    ${app}: left out: ${message}`),
    ],
    errors: [
      ...admitted.flatMap(({ errors }) => errors),
      ...problems
        .filter(here)
        .map(({ app, message, hint, place }) =>
          configError(
            { line: place.line, message: `app ${app} in ${environment.name}: ${message}`, hint },
            place.file,
          ),
        ),
    ],
  };
}

async function lookAt(target: Target, look: ExplainSlipwayInput['look']): Promise<Explanation> {
  try {
    const warnings = (await look?.(target)) ?? [];
    return { lines: warnings.map((warning) => `      warning: ${warning}`), errors: [] };
  } catch (error) {
    return { lines: ['      cannot be rendered'], errors: [toSlipwayError(error)] };
  }
}

function explainTarget(target: Target, config: SlipwayConfig, admission: Admission | undefined): Explanation {
  const first = target.dependsOn.map((id) => relativeName(id, target));
  const waits = first.length > 0 ? `, after ${first.join(', ')}` : '';
  const line = `    ${target.app}: ${target.path} → namespace ${target.namespace}${waits}`;
  if (!admission) return { lines: [line], errors: [] };
  const refusals = admission.refusals(target);
  if (refusals.length > 0) {
    const place = { file: config.file, line: (config.apps[target.app] ?? config.apps['*'])?.line };
    const errors = refusals.map(
      ({ code, message, hint }) => new SlipwayError(code, message, { hint, place }),
    );
    return { lines: [`${line}: refused`], errors };
  }
  const { impersonate, createNamespaces } = admission.admit(target);
  const account = impersonate ? `as ${impersonate}` : "with Slipway's own account";
  return { lines: [`${line}, ${account}${createNamespaces ? ', which may create it' : ''}`], errors: [] };
}
