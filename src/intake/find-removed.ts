import { SlipwayError } from '../errors.ts';
import { parseTargetId, type RepositoryId, shortName, type Target } from '../model/target.ts';
import type { BranchFinding } from './finding.ts';
import type { Heads } from './heads.ts';
import type { IntakePorts } from './ports.ts';

/** The content of a target that is to go; a target that comes back has another. */
const REMOVED_KEY = 'removed';

/**
 * The findings with the targets that were known and whose app or environment is no longer in slipway.yaml: to be
 * removed. Only what a valid file leaves out is gone: a branch that was deleted, a file that is missing or invalid,
 * an app that is refused or whose folder is missing removes nothing.
 */
export async function withRemoved(
  repository: RepositoryId,
  heads: Heads,
  findings: BranchFinding[],
  { desired }: Pick<IntakePorts, 'desired'>,
): Promise<BranchFinding[]> {
  if (!heads.config || heads.config instanceof SlipwayError) return findings;
  const present = findings.flatMap(({ targets, held }) => [
    ...targets.map(({ target }) => target.id),
    ...held.flatMap(({ target }) => target ?? []),
  ]);
  const gone = await desired.knownBeside(repository, new Set(present));
  const all = [...findings];
  for (const target of gone) {
    const finding = whereGone(target, heads, all);
    if (!finding) continue;
    const unsettled = whatMayFollow(target, all, heads);
    const removed: Target = { ...target, branch: finding.branch, dependsOn: [], removed: true, unsettled };
    finding.targets.push({ target: removed, commit: finding.commit, contentKey: REMOVED_KEY });
  }
  return all;
}

/** Targets that cannot be desired now, and so cannot take over what the one that is to go has. */
function whatMayFollow(
  { environment }: Target,
  findings: BranchFinding[],
  { environments }: Heads,
): string[] | undefined {
  // Of an environment that is gone, any other one may be the new name.
  const isGone = environments?.environments[environment] === undefined;
  const reasons = findings.flatMap(({ branch, held, invalid }) => [
    ...(invalid && isGone ? [`branch ${branch} has no valid slipway.yaml`] : []),
    ...held.flatMap(({ target, reason }) => {
      const parts = parseTargetId(target ?? '');
      return parts && (isGone || parts.environment === environment) ? [`${shortName(parts)}: ${reason}`] : [];
    }),
  ]);
  return reasons.length > 0 ? reasons : undefined;
}

/** The branch whose slipway.yaml leaves the target out: the environment's own, or the default one for environments. */
function whereGone(
  { environment }: Target,
  { config, defaultBranch, heads }: Heads,
  findings: BranchFinding[],
): BranchFinding | undefined {
  if (!config || config instanceof SlipwayError) return undefined;
  const own = config.environments[environment];
  const branch = own?.branch ?? defaultBranch;
  const found = findings.find((finding) => finding.branch === branch);
  if (found || own) return found?.invalid ? undefined : found;
  const commit = heads.get(defaultBranch);
  if (commit === undefined) return undefined;
  const finding = { branch, commit, environments: [], targets: [], held: [] };
  findings.push(finding);
  return finding;
}
