import type { ChangeSet } from './change-set.ts';
import type { Failure } from './failure.ts';
import type { Notice } from './notice.ts';
import type { TargetId } from './target.ts';

export type OpenState = 'queued' | 'rendering' | 'checking' | 'applying' | 'verifying';
export type EndState = 'succeeded' | 'failed' | 'rolled-back' | 'superseded' | 'unchanged' | 'blocked';
export type ReleaseState = OpenState | EndState;

const open: readonly string[] = ['queued', 'rendering', 'checking', 'applying', 'verifying'];

export function isOpen(state: ReleaseState): state is OpenState {
  return open.includes(state);
}

/** Why a target should run a commit, and who caused it. */
export interface Cause {
  kind: 'push' | 'poll' | 'manual' | 'retry';
  /** Login on the forge, or the name of the API token's holder. */
  by?: string | undefined;
  /** Id of the delivery that caused it. */
  delivery?: string | undefined;
  /** Whoever asked for it confirms the prune that was held. */
  confirmPrune?: boolean | undefined;
}

/** What a target should run now. One script writes it and refuses a lower `sequence`. */
export interface Desired {
  target: TargetId;
  commit: string;
  /** Head of the branch when the target last ran as desired: later commits belong to this revision. Undefined: not known. */
  since?: string | undefined;
  contentKey: string;
  /** Taken from the repository's counter before its heads were fetched. */
  sequence: number;
  /** Numbers every accepted write for this target, so that a worker notices a newer one. */
  revision: number;
  cause: Cause;
  /** Index within its push: the priority of its wake-up. */
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

/** One attempt to bring a target to a desired commit. */
export interface Release {
  /** `<8 hex of sha256(target)>-<number>`: short, safe in an address, unique. */
  id: string;
  target: TargetId;
  number: number;
  commit: string;
  contentKey: string;
  /** Of the policy that evaluated it; undefined until it has begun, and for a removal. */
  policyKey?: string | undefined;
  /** The desired revision that it deploys. */
  revision: number;
  cause: Cause;
  state: ReleaseState;
  /** The target's namespace: objects in it are named without it. */
  namespace?: string | undefined;
  /** Why it failed; while it is open: why its last attempt did, before the next one. */
  failure?: Failure | undefined;
  /** What else it has to say, also if it succeeded. */
  notices?: Notice[] | undefined;
  supersededBy?: string | undefined;
  times: StageTimes;
  startedAt: number;
  endedAt?: number | undefined;
  /** `summarize(changeSet)`, so that lists need not load change sets. */
  summary?: string | undefined;
  /** 1, and 1 more for each retry. */
  attempts: number;
  /** Its prune waits for confirmation, so the next commit is released whatever its content. */
  held?: boolean | undefined;
  /** An object that it should have deleted is still there: the next commit is released too. */
  unfinished?: boolean | undefined;
  /** The last release of a removed target of which nothing is left: the target is no longer listed. */
  forgotten?: boolean | undefined;
}

export interface ReleaseWithChanges extends Release {
  changeSet: ChangeSet;
}
