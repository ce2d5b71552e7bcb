import { isAncestor } from '../git/history.ts';
import type { PullRecord, Repository } from '../state.ts';

const isOpenWith = async (repository: Repository, pull: PullRecord, sha: string): Promise<boolean> =>
  pull.state === 'open' &&
  (await isAncestor(repository.dir, sha, pull.headSha)) &&
  !(await isAncestor(repository.dir, sha, pull.baseSha));

/** The pull requests that brought a commit, or in an open one's case would. Closed ones are in neither forge's answer. */
export const pullsOfCommit = async (repository: Repository, sha: string): Promise<PullRecord[]> => {
  const found: PullRecord[] = [];
  for (const pull of repository.pulls.values()) {
    if (pull.broughtShas.includes(sha) || (await isOpenWith(repository, pull, sha))) found.push(pull);
  }
  return found;
};
