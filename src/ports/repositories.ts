import type { RepositoryId } from '../model/target.ts';

/** What the last intake of a repository learned. */
export interface RepositoryState {
  defaultBranch?: string | undefined;
  /** Branches that an environment follows, and the heads that were looked at. */
  heads: Record<string, string>;
  /** The default branch's last valid slipway.yaml: the last good state stays. */
  config?: string | undefined;
}

export interface RepositoryStore {
  /** Undefined: no intake has looked at it since Redis was emptied. */
  read(repository: RepositoryId): Promise<RepositoryState | undefined>;
  /** Written by the intake that holds the highest sequence number; of another one nothing is written. */
  write(repository: RepositoryId, sequence: number, state: RepositoryState): Promise<void>;
  /** What the poll heard; the next intake looks there. */
  setDefaultBranch(repository: RepositoryId, name: string): Promise<void>;
  /** Whether this Redis has never been polled from: it is new, or was emptied. True for one asker only. */
  isFresh(): Promise<boolean>;
  /** Whether this process may poll the repository now: one process does in each interval. */
  takePoll(repository: RepositoryId, intervalMs: number): Promise<boolean>;
}
