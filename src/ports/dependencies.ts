import type { RepositoryId, TargetId } from '../model/target.ts';
import type { DeployWakeUp } from './wake-ups.ts';

/** What each target waits for; one that waits for nothing may be absent. */
export type Edges = Map<TargetId, TargetId[]>;

/** How often each repository's edges had changed when they were first looked at. */
export type Seen = Map<RepositoryId, string>;

export interface EdgeChange {
  repository: RepositoryId;
  /** Of the intake; see `DesiredStore.nextSequence`. */
  sequence: number;
  /** What the change was decided by. */
  seen: Seen;
  changed: Edges;
  /** Repositories through which a commit of this one was refused; they ring for it when their edges change. */
  refusedBy: RepositoryId[];
}

/** Repositories whose refused commit may be right now, to be rung; `version` is then given back to `rung`. */
export interface EdgesWritten {
  version: string;
  retry: RepositoryId[];
}

/**
 * What waits for what, over all repositories. Every intake writes only what closes no ring with what it has seen, and
 * nothing where that has changed meanwhile: so that what is stored holds no ring, whoever comes first.
 */
export interface DependencyStore {
  /** Of all targets of the repository. Notes in `seen` what it saw. */
  ofRepository(repository: RepositoryId, seen: Seen): Promise<Edges>;
  /** Of these targets, with one command a repository. Notes in `seen` what it saw, unless it was noted before. */
  of(targets: TargetId[], seen: Seen): Promise<Edges>;
  /** `late`: a later intake has written. `moved`: what was seen is no longer so, look again. Both change nothing. */
  write(change: EdgeChange): Promise<EdgesWritten | 'late' | 'moved'>;
  /** Until then every write answers those that are to be rung, also after a crash. */
  enqueued(repository: RepositoryId, version: string): Promise<void>;
  /** `waiter` is among those that wait for the next end of `target`, without an edge: once, and then no more. */
  waitFor(target: TargetId, waiter: TargetId): Promise<void>;
  /** Targets that wait for this one and have a desired that no release has ended for. One command. */
  waiting(target: TargetId): Promise<DeployWakeUp[]>;
}
