import type { RepositoryId, TargetId } from '../model/target.ts';
import type { DeployWakeUp } from './wake-ups.ts';

/** The dependencies of each target; a target without any may be absent. */
export type Edges = Map<TargetId, TargetId[]>;

/** The version of each repository's edges (how often they had changed) when they were first read. */
export type Seen = Map<RepositoryId, string>;

export interface EdgeChange {
  repository: RepositoryId;
  /** The intake's sequence number; see `DesiredStore.nextSequence`. */
  sequence: number;
  /** The versions that the decision is based on. */
  seen: Seen;
  changed: Edges;
  /** Repositories through which a commit of this one was refused; when their edges change, this one is enqueued. */
  refusedBy: RepositoryId[];
}

/** `retry`: repositories to enqueue, whose refused commit may be valid now. `version` is then passed to `enqueued`. */
export interface EdgesWritten {
  version: string;
  retry: RepositoryId[];
}

/**
 * The dependencies between targets, over all repositories. An intake writes only edges that close no dependency cycle
 * with the edges it has read, and nothing if those changed meanwhile. So the stored edges never contain a cycle,
 * whatever the order of the intakes.
 */
export interface DependencyStore {
  /** The edges of all targets of the repository. Adds the version that was read to `seen`. */
  ofRepository(repository: RepositoryId, seen: Seen): Promise<Edges>;
  /** The edges of these targets, with one command per repository. Adds versions to `seen`, unless they are there. */
  of(targets: TargetId[], seen: Seen): Promise<Edges>;
  /** `late`: a later intake has written. `moved`: edges that were read have changed; read again. Both change nothing. */
  write(change: EdgeChange): Promise<EdgesWritten | 'late' | 'moved'>;
  /** Until this is called, every write returns the repositories to enqueue, also after a crash. */
  enqueued(repository: RepositoryId, version: string): Promise<void>;
  /** Adds `waiter` to what `waiting` returns for `target`, without an edge and only once. */
  waitFor(target: TargetId, waiter: TargetId): Promise<void>;
  /** Targets that wait for this one and whose desired revision no release has ended for. One command. */
  waiting(target: TargetId): Promise<DeployWakeUp[]>;
}
