import { resolveCommit } from '../git/refs.ts';
import type { Repository } from '../state.ts';

/** Statuses ask for the same full SHAs again and again; a commit that existed once stays. */
export const hasCommit = async (repository: Repository, sha: string): Promise<boolean> => {
  if (repository.knownCommits.has(sha)) return true;
  if (!/^[0-9a-f]{40}$/.test(sha) || (await resolveCommit(repository.dir, sha)) === null) return false;
  repository.knownCommits.add(sha);
  return true;
};
