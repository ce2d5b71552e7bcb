import { isAncestor } from '../git/history.ts';
import type { PullRecord, Repository } from '../state.ts';

const isOpenWith = async (repository: Repository, pull: PullRecord, sha: string): Promise<boolean> =>
  pull.state === 'open' &&
  (await isAncestor(repository.dir, sha, pull.headSha)) &&
  !(await isAncestor(repository.dir, sha, pull.baseSha));

/** The open and merged pull requests of a commit. Neither forge returns closed ones. */
export const pullsOfCommit = async (repository: Repository, sha: string): Promise<PullRecord[]> => {
  const found: PullRecord[] = [];
  for (const pull of repository.pulls.values()) {
    if (pull.broughtShas.includes(sha) || (await isOpenWith(repository, pull, sha))) found.push(pull);
  }
  return found;
};
