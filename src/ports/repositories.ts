import type { RepositoryId } from '../model/target.ts';

/** What the last intake of a repository learned. */
export interface RepositoryState {
  defaultBranch?: string | undefined;
  /** Branches that an environment follows, and the heads that were looked at. */
  heads: Record<string, string>;
  /** The default branch's last valid slipway.yaml: the last good state stays. */
  config?: string | undefined;
  /** Since Redis was emptied, a cluster could not be asked what it knows of the repository. */
  isUnrecalled?: boolean | undefined;
}

export interface RepositoryStore {
  /** Undefined: no intake has looked at it since Redis was emptied. */
  read(repository: RepositoryId): Promise<RepositoryState | undefined>;
  /** Written only for the intake with the highest sequence number; the write of any other is ignored. */
  write(repository: RepositoryId, sequence: number, state: RepositoryState): Promise<void>;
  /** Remembers that an intake is to look at these repositories although no delivery waits, until one has looked. */
  requestLook(repositories: RepositoryId[]): Promise<void>;
  /** When a look was requested last, to be given back to `settleLook`; null: none is outstanding. */
  lookRequestedAt(repository: RepositoryId): Promise<string | null>;
  /** A look was made that began after `requestedAt`; a request that came since stays. */
  settleLook(repository: RepositoryId, requestedAt: string | null): Promise<void>;
  /** Repositories with a look that was requested so many milliseconds ago and not made: what a crash left. */
  overdueLooks(olderThanMs: number): Promise<RepositoryId[]>;
  /** Whether no process has polled with this Redis yet, because it is new or was emptied. True for one caller only. */
  isFresh(): Promise<boolean>;
  /** Whether this process may poll the repository now: one process does in each interval. */
  takePoll(repository: RepositoryId, intervalMs: number): Promise<boolean>;
}
