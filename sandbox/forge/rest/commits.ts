import { resolveCommit } from '../git/refs.ts';
import type { Repository } from '../state.ts';

/** Full SHAs are asked for again and again by statuses; a commit that was there once stays. */
export const hasCommit = async (repository: Repository, sha: string): Promise<boolean> => {
  if (repository.knownCommits.has(sha)) return true;
  if (!/^[0-9a-f]{40}$/.test(sha) || (await resolveCommit(repository.dir, sha)) === null) return false;
  repository.knownCommits.add(sha);
  return true;
};
