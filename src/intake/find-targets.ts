import { createHash } from 'node:crypto';
import { refusedDependencies } from '../config/dependency.ts';
import { resolveTargets } from '../config/resolve-targets.ts';
import type { HeldEnvironment, SlipwayConfig } from '../config/slipway-schema.ts';
import { SlipwayError, toSlipwayError } from '../errors.ts';
import { describeFailure } from '../model/describe-failure.ts';
import { type RepositoryId, type Target, targetId } from '../model/target.ts';
import type { Tree } from '../model/tree.ts';
import type { BranchFinding, FindingSource } from './finding.ts';
import { type BranchConfig, CONFIG_FILE, type Heads, readHead } from './heads.ts';
import { missingFolder } from './missing-folder.ts';
import type { IntakePorts } from './ports.ts';

const KEYS_AT_ONCE = 16;

/** The targets of all heads, branch by branch. Throws only retryable errors (GIT_*, CLUSTER_*). */
export async function findTargets(
  repository: RepositoryId,
  heads: Heads,
  ports: IntakePorts,
): Promise<BranchFinding[]> {
  if (!heads.environments) return firstMistake(heads);
  const mirror = ports.mirrors.open(repository);
  const findings: BranchFinding[] = [];
  for (const [branch, commit] of heads.heads) {
    const environments = environmentsOf(heads.environments, branch);
    const heldEnvironments = heldOn(branch, heads);
    if (environments.length === 0) {
      const invalid =
        branch === heads.defaultBranch && heads.config instanceof SlipwayError ? heads.config : undefined;
      if (invalid || heldEnvironments.length > 0)
        findings.push({ branch, commit, environments, heldEnvironments, targets: [], held: [], invalid });
      continue;
    }
    const tree = mirror.tree(commit);
    const own =
      branch === heads.defaultBranch
        ? heads.config
        : (await readHead(mirror, branch, heads, ports.configs)).config;
    const finding = { branch, commit, environments, heldEnvironments, targets: [], held: [] };
    const source = { repository, environments: heads.environments, own, tree };
    findings.push(await findOnBranch(source, finding, ports));
  }
  return findings;
}

/** The first slipway.yaml of a repository is invalid: no environment is known, but the commit still gets a report. */
function firstMistake({ config, defaultBranch, heads }: Heads): BranchFinding[] {
  const commit = heads.get(defaultBranch);
  if (!(config instanceof SlipwayError) || commit === undefined) return [];
  return [{ branch: defaultBranch, commit, environments: [], targets: [], held: [], invalid: config }];
}

/** A mistake is reported where it is, on the default branch, and on the branch that does not move because of it. */
function heldOn(branch: string, { environments, defaultBranch }: Heads): HeldEnvironment[] {
  const all = Object.values(environments?.held ?? {});
  return branch === defaultBranch ? all : all.filter((one) => one.branch === branch);
}

function environmentsOf(config: SlipwayConfig, branch: string): string[] {
  return Object.values(config.environments).flatMap((environment) =>
    environment.branch === branch ? [environment.name] : [],
  );
}

async function findOnBranch(
  { own, ...at }: Omit<FindingSource, 'own'> & { own: BranchConfig },
  finding: BranchFinding,
  ports: IntakePorts,
): Promise<BranchFinding> {
  if (!own) return { ...finding, invalid: missingFile(finding.branch) };
  if (own instanceof SlipwayError) return { ...finding, invalid: own };
  finding.config = own;
  const [refused] = refusedDependencies(own, at.repository, ports.admission);
  if (refused) return { ...finding, invalid: refused };
  const source = { ...at, own };
  const keys = {
    keyOf: (target: Target) => contentKeyOf(target, finding.commit, source.tree, ports),
    decidedBy: (target: Target) => ports.renderer.decidedBy(target),
  };
  const carried = await ports.findings.carryOver(finding, source, keys);
  if (carried) return carried;
  const found = await findAll(source, finding, ports);
  if (!found.invalid) ports.findings.keep(found, source, keys);
  return found;
}

async function findAll(
  { repository, environments, own, tree }: FindingSource,
  finding: BranchFinding,
  ports: IntakePorts,
): Promise<BranchFinding> {
  try {
    const { targets, missing, problems } = await resolveTargets({
      repository,
      defined: environments,
      config: own,
      branch: finding.branch,
      tree,
    });
    for (const target of missing) {
      const failure = await missingFolder(target, own, tree);
      finding.held.push({ target: target.id, state: 'failed', failure });
    }
    for (const { app, environment, message: summary, hint, place } of problems) {
      finding.held.push({
        target: targetId({ repository, app, environment }),
        state: 'failed',
        failure: { code: 'CONFIG_INVALID', summary, hint, place },
      });
    }
    const next = targets.values();
    const work = async () => {
      for (const target of next) await key(target, finding, tree, ports);
    };
    await Promise.all(Array.from({ length: KEYS_AT_ONCE }, work));
    // Keys are computed concurrently; the targets keep the order of slipway.yaml.
    const order = new Map(targets.map((target, index) => [target.id, index]));
    finding.targets.sort((a, b) => (order.get(a.target.id) ?? 0) - (order.get(b.target.id) ?? 0));
    return finding;
  } catch (error) {
    const known = toSlipwayError(error);
    if (known.retryable) throw error;
    return { ...finding, invalid: known };
  }
}

async function key(target: Target, finding: BranchFinding, tree: Tree, ports: IntakePorts): Promise<void> {
  try {
    ports.admission.admit(target);
  } catch (error) {
    finding.held.push({ target: target.id, state: 'failed', failure: toSlipwayError(error).failure });
    return;
  }
  const contentKey = await contentKeyOf(target, finding.commit, tree, ports);
  finding.targets.push({ target, commit: finding.commit, contentKey, policyKey: ports.policy.keyOf(target) });
}

/** The release reports a render error, so the target moves with a key that only this commit has. */
async function contentKeyOf(
  target: Target,
  commit: string,
  tree: Tree,
  { renderer, clusters }: IntakePorts,
): Promise<string> {
  try {
    return await renderer.contentKey(target, tree, () => clusters.get(target.cluster).version());
  } catch (error) {
    const known = toSlipwayError(error);
    if (known.retryable) throw error;
    return `unkeyed-${createHash('sha256')
      .update(`${commit} ${describeFailure(known.failure)}`)
      .digest('hex')}`;
  }
}

function missingFile(branch: string): SlipwayError {
  return new SlipwayError('CONFIG_INVALID', `branch ${branch} has no ${CONFIG_FILE}`, {
    place: { file: CONFIG_FILE },
    hint: `Add ${CONFIG_FILE} to ${branch}: the apps of an environment come from its own branch.`,
  });
}
