import type { ChangeSet } from './change-set.ts';
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
  /** Id of the delivery that brought it. */
  delivery?: string | undefined;
  /** Whoever asked for it wants the prune that was held. */
  confirmPrune?: boolean | undefined;
}

/** What a target should run now. Written by one script that refuses a lower `sequence`. */
export interface Desired {
  target: TargetId;
  commit: string;
  /** Head of the branch when the target last ran as desired: what came after it belongs to this. Undefined: not known. */
  since?: string | undefined;
  contentKey: string;
  /** Taken from the repository's counter before its heads were fetched. */
  sequence: number;
  /** Numbers every accepted write for this target, so that a worker knows a newer one has come. */
  revision: number;
  cause: Cause;
  /** Index within its push: the priority of its bell. */
  index: number;
  /** Milliseconds since the epoch. */
  at: number;
}

/** Milliseconds each stage took; a stage that did not run is absent. */
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
  /** The desired revision it answers. */
  revision: number;
  cause: Cause;
  state: ReleaseState;
  /** One sentence a person can act on; for `superseded` the commit that took its place. */
  reason?: string | undefined;
  hint?: string | undefined;
  supersededBy?: string | undefined;
  times: StageTimes;
  startedAt: number;
  endedAt?: number | undefined;
  /** `summarize(changeSet)`, kept beside it so that lists need not load change sets. */
  summary?: string | undefined;
  /** How often the release was repeated after a retryable error. */
  attempts: number;
  /** Its prune waits for a person's word, so the next commit is tried whatever its content. */
  held?: boolean | undefined;
  /** Something that it was to delete is still there: the next commit is tried too. */
  unfinished?: boolean | undefined;
  /** The last one of a target of which nothing is left: it is no longer listed. */
  forgotten?: boolean | undefined;
}

export interface ReleaseWithChanges extends Release {
  changeSet: ChangeSet;
}
