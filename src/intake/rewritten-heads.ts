import type { RepositoryId } from '../model/target.ts';
import type { RepositoryState } from '../ports/repositories.ts';
import type { BranchFinding } from './finding.ts';
import { isRefused } from './heads.ts';
import type { IntakePorts } from './ports.ts';

/**
 * Whether a force push took a branch's last head out of its history. The forge may then drop commits that targets with
 * unchanged content still desire.
 */
export async function isRewritten(
  repository: RepositoryId,
  findings: BranchFinding[],
  state: RepositoryState | undefined,
  { mirrors }: Pick<IntakePorts, 'mirrors'>,
): Promise<boolean> {
  const mirror = mirrors.open(repository);
  for (const { branch, commit, invalid } of findings) {
    const before = state?.heads[branch];
    if (before === undefined || before === commit || isRefused(invalid)) continue;
    if (!(await mirror.isAncestor(before, commit))) return true;
  }
  return false;
}
