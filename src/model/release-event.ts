import type { Cause, Release } from './release.ts';
import type { TargetId } from './target.ts';

/**
 * The version of the shape below, carried by every event. It rises when a consumer of an older version would
 * misread an event; a new field or a new kind leaves it as it is.
 */
export const EVENT_VERSION = 1;

/** What a release says of itself in an event: ids, its state and how it ended, never its change set. */
export type EventRelease = Pick<
  Release,
  | 'id'
  | 'number'
  | 'revision'
  | 'state'
  | 'attempts'
  | 'startedAt'
  | 'endedAt'
  | 'summary'
  | 'namespace'
  | 'failure'
  | 'notices'
  | 'unfinished'
  | 'forgotten'
>;

interface EventBase {
  version: typeof EVENT_VERSION;
  /** Milliseconds since the epoch. */
  at: number;
  target: TargetId;
  commit: string;
  cause: Cause;
}

/** The target should run the commit; no release of it has begun. */
interface Queued extends EventBase {
  kind: 'queued';
}

/** The release reached the stage for the first time. A stage that is over at once, or is repeated, has no event. */
interface StageReached extends EventBase {
  kind: 'rendering' | 'checking' | 'applying' | 'verifying';
  release: EventRelease;
}

/**
 * A newer commit, or another release of this one (`supersededBy` is undefined), took its place. Without `release`, no release of it was recorded by then; if one had
 * begun all the same, its own event with `release` follows.
 */
interface Superseded extends EventBase {
  kind: 'superseded';
  /** Undefined: not known. */
  supersededBy?: string | undefined;
  release?: EventRelease | undefined;
}

/**
 * The release ended. `prune-held` stands in for `succeeded` when objects to delete await a confirmation; `blocked`
 * waits for another target and goes on with the same release id.
 */
interface Ended extends EventBase {
  kind: 'succeeded' | 'prune-held' | 'unchanged' | 'failed' | 'rolled-back' | 'blocked';
  release: EventRelease;
}

/**
 * Something that happened to a release. Every event is written in the step that changes the release itself, and the
 * events of a target are in the order of its changes. Events hold no secrets: their texts are those of the release,
 * which are masked.
 */
export type ReleaseEvent = Queued | StageReached | Superseded | Ended;
export type ReleaseEventKind = ReleaseEvent['kind'];

/** The event of a release as it now is, written at `at`. A release that is queued has no number and no event here. */
export function releaseEvent(release: Release, at: number): ReleaseEvent {
  const { target, commit, cause, state, held } = release;
  const base = { version: EVENT_VERSION, at, target, commit, cause } as const;
  const short = eventRelease(release);
  if (state === 'queued') return { ...base, kind: 'queued' };
  if (state === 'superseded') {
    return { ...base, kind: state, supersededBy: release.supersededBy, release: short };
  }
  return { ...base, kind: state === 'succeeded' && held ? 'prune-held' : state, release: short };
}

function eventRelease(release: Release): EventRelease {
  const { id, number, revision, state, attempts, startedAt, endedAt } = release;
  const { summary, namespace, failure, notices, unfinished, forgotten } = release;
  const ids = { id, number, revision, state, attempts, startedAt, endedAt };
  return { ...ids, summary, namespace, failure, notices, unfinished, forgotten };
}
