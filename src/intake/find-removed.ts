import { SlipwayError } from '../errors.ts';
import { describeOutcome } from '../model/describe-outcome.ts';
import { parseTargetId, type RepositoryId, shortName, type Target } from '../model/target.ts';
import type { ClusterRecord } from './cluster-records.ts';
import type { BranchFinding } from './finding.ts';
import type { Heads } from './heads.ts';
import type { IntakePorts } from './ports.ts';
import { recordedTarget } from './recorded-targets.ts';

/** The content key of a target that is to be removed; a target that comes back has another one. */
const REMOVED_KEY = 'removed';

/**
 * Adds the targets to remove: those that were known and whose app or environment is no longer in slipway.yaml. Only a
 * valid file removes a target. A deleted branch, a missing or invalid file, an environment with a mistake, a refused app and
 * a missing folder do not.
 *
 * @param recorded what the clusters know of the repository, if Redis does not know it
 */
export async function withRemoved(
  repository: RepositoryId,
  heads: Heads,
  findings: BranchFinding[],
  recorded: ClusterRecord[],
  { desired, admission }: Pick<IntakePorts, 'desired' | 'admission'>,
): Promise<BranchFinding[]> {
  if (!heads.config || heads.config instanceof SlipwayError) return findings;
  const present = findings.flatMap(({ targets, held }) => [
    ...targets.map(({ target }) => target.id),
    ...held.flatMap(({ target }) => target ?? []),
  ]);
  const gone = await desired.knownBeside(repository, new Set(present));
  const known = new Set([...present, ...gone.map(({ id }) => id)]);
  const forgotten = recorded.flatMap((record) => {
    const { environment = '' } = parseTargetId(record.target) ?? {};
    const target = recordedTarget(record, branchOf(environment, heads), admission);
    return target && !known.has(target.id) ? [target] : [];
  });
  const all = [...findings];
  const { held } = heads.config;
  for (const target of [...gone, ...forgotten]) {
    if (held[target.environment]) continue;
    const finding = whereGone(target, heads, all);
    if (!finding) continue;
    const unsettled = whatMayFollow(target, all, heads);
    const removed: Target = { ...target, branch: finding.branch, dependsOn: [], removed: true, unsettled };
    finding.targets.push({ target: removed, commit: finding.commit, contentKey: REMOVED_KEY });
  }
  return all;
}

/** Why targets cannot be desired now that may be successors: they may still take over the removed target's objects. */
function whatMayFollow(
  { environment }: Target,
  findings: BranchFinding[],
  { environments }: Heads,
): string[] | undefined {
  // If the environment is gone, any other one may be its new name.
  const isGone = environments?.environments[environment] === undefined;
  const unknown = isGone ? Object.keys(environments?.held ?? {}) : [];
  const mistakes = unknown.map((name) => `the definition of environment ${name} has a mistake`);
  const reasons = findings.flatMap(({ branch, held, invalid }) => [
    ...(invalid && isGone ? [`branch ${branch} has no valid slipway.yaml`] : []),
    ...held.flatMap((line) => {
      const parts = parseTargetId(line.target ?? '');
      if (!parts || !(isGone || parts.environment === environment)) return [];
      return [`${shortName(parts)}: ${describeOutcome(line)}`];
    }),
  ]);
  const all = [...mistakes, ...reasons];
  return all.length > 0 ? all : undefined;
}

/** The branch whose slipway.yaml removes the target: the environment's, or the default one if the environment is gone. */
function whereGone({ environment }: Target, at: Heads, findings: BranchFinding[]): BranchFinding | undefined {
  const { environments, defaultBranch, heads } = at;
  const branch = branchOf(environment, at);
  const found = findings.find((finding) => finding.branch === branch);
  const isGone = environments?.environments[environment] === undefined;
  if (found || !isGone) return found?.invalid ? undefined : found;
  const commit = heads.get(defaultBranch);
  if (commit === undefined) return undefined;
  const finding = { branch, commit, environments: [], targets: [], held: [] };
  findings.push(finding);
  return finding;
}

function branchOf(environment: string, { environments, defaultBranch }: Heads): string {
  return environments?.environments[environment]?.branch ?? defaultBranch;
}
