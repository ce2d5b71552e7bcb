import type { ChangeSet } from './change-set.ts';
import type { Failure } from './failure.ts';
import type { Notice } from './notice.ts';
import type { TargetId } from './target.ts';

const OPEN_STATES = ['queued', 'rendering', 'checking', 'applying', 'verifying'] as const;
const END_STATES = ['succeeded', 'failed', 'rolled-back', 'superseded', 'unchanged', 'blocked'] as const;
export const RELEASE_STATES = [...OPEN_STATES, ...END_STATES] as const;

export type OpenState = (typeof OPEN_STATES)[number];
export type EndState = (typeof END_STATES)[number];
export type ReleaseState = (typeof RELEASE_STATES)[number];

const open: readonly string[] = OPEN_STATES;

export function isOpen(state: ReleaseState): state is OpenState {
  return open.includes(state);
}

/** The position of a stage in the order of the stages. */
export function stageRank(stage: OpenState): number {
  return OPEN_STATES.indexOf(stage);
}

/** Why a target should run a commit, and who caused it. */
export interface Cause {
  kind: 'push' | 'poll' | 'manual' | 'retry';
  /** Login on the forge, or the name of the API token's holder. */
  by?: string | undefined;
  /** Id of the delivery that caused it. */
  delivery?: string | undefined;
  /** The person who requested the deploy confirms the held prune. */
  confirmPrune?: boolean | undefined;
}

/** What a target should run. One script writes it and refuses a lower `sequence`. */
export interface Desired {
  target: TargetId;
  commit: string;
  /** The commits with this content that hear of the revision's release, in the order in which they came. */
  carried: string[];
  /** Head of the branch when the target last ran as desired. Later commits belong to this revision. Undefined: not known. */
  since?: string | undefined;
  contentKey: string;
  /** Taken from the repository's counter before its heads were fetched. */
  sequence: number;
  /** Numbers every accepted write for this target, so that a worker notices a newer one. */
  revision: number;
  cause: Cause;
  /** Index within its push, which decides the flow of its wake-up (`flow.ts`). */
  index: number;
  /** Milliseconds since the epoch. */
  at: number;
}

/** Milliseconds that each stage took; a stage that did not run is absent. */
export interface StageTimes {
  queued?: number;
  rendering?: number;
  checking?: number;
  applying?: number;
  verifying?: number;
  pruning?: number;
}

/** The attempts of a release that failed with what may pass. */
export interface Repetition {
  /** Milliseconds since the first of them failed, without the time in which no process repeated it. */
  ms: number;
  /** The latest stage that an attempt has reached. */
  reached: OpenState;
  /** They were repeated for the app's timeout. The release has failed, and the sweep enqueues it now and then. */
  isOver?: true | undefined;
}

/** One attempt to deploy a desired revision to a target. */
export interface Release {
  /** `<16 random hex digits>-<number>`: short, safe in a URL, and never given twice. */
  id: string;
  target: TargetId;
  number: number;
  commit: string;
  contentKey: string;
  /** Key of the policy that evaluated it. Undefined until rendering starts, and for a removal. */
  policyKey?: string | undefined;
  /** The desired revision that it deploys. */
  revision: number;
  cause: Cause;
  state: ReleaseState;
  /** The target's namespace. Texts omit it from the names of objects in it. */
  namespace?: string | undefined;
  /** Why the release failed; while it is open, why its last attempt failed. */
  failure?: Failure | undefined;
  /** Further messages, also of a release that succeeded. */
  notices?: Notice[] | undefined;
  supersededBy?: string | undefined;
  times: StageTimes;
  startedAt: number;
  endedAt?: number | undefined;
  /** `summarize(changeSet)`, so that lists do not load change sets. */
  summary?: string | undefined;
  /** 1 plus the number of retries. */
  attempts: number;
  repetition?: Repetition | undefined;
  /** Its prune waits for confirmation, so the next commit is released even if its content is equal. */
  held?: boolean | undefined;
  /** An object that should have been deleted still exists, so the next commit is released even if its content is equal. */
  unfinished?: boolean | undefined;
  /** The last release of a removed target of which nothing is left: the target is no longer listed. */
  forgotten?: boolean | undefined;
}

export interface ReleaseWithChanges extends Release {
  changeSet: ChangeSet;
}
