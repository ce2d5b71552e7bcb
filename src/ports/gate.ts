import type { RepositoryId } from '../model/target.ts';

/** What a call is for, and so which error says that it was not made. */
export type GateCall = 'api' | 'git';

/**
 * What all calls of this process to one forge go through. It bounds how many are under way, and knows whether the forge
 * answers at all: while it does not, calls fail at once and hold nobody up.
 */
export interface Gate {
  /**
   * Makes the call. Throws FORGE_UNREACHABLE (`api`) or GIT_UNREACHABLE (`git`) without making it while the forge, or for
   * `git` the repository, does not answer; else what the call throws. `signal` ends the wait for a permit.
   */
  pass<T>(kind: GateCall, repository: RepositoryId, call: () => Promise<T>, signal?: AbortSignal): Promise<T>;
}
