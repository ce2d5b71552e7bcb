import type { ChangeSet } from '../model/change-set.ts';
import type { Failure } from '../model/failure.ts';
import type { TargetId } from '../model/target.ts';

/** What deploying a commit would do, by a server-side dry run; nothing was changed. */
export interface Plan {
  target: TargetId;
  commit: string;
  changeSet: ChangeSet;
}

export interface PlanRequest {
  /** Identity or short name of a target; with a `ref` also of an app that was never deployed. */
  target: string;
  /** A branch, or a commit by its 40 characters. Undefined: the commit that the target should run now. */
  ref?: string | undefined;
  /**
   * Milliseconds by which the look at the cluster may be older than the request, at most a minute. Undefined: 0, so
   * that only a run that begins after the request counts.
   */
  maxAgeMs?: number | undefined;
}

/** `queued`: no worker has taken it. `waiting`: for a permit on the cluster, or for an equal plan that is under way. */
export type PlanState = 'queued' | 'resolving' | 'waiting' | 'planning' | 'planned' | 'failed';

/** Either what the plan found, or why there is none. */
export type PlanOutcome<Value = Plan> =
  | { value: Value }
  | { failure: Failure; retryAfterMs?: number | undefined };

export interface RecordedPlan {
  id: string;
  request: PlanRequest;
  /** Milliseconds since the epoch by the clock of Redis, with a fraction. */
  requestedAt: number;
  state: PlanState;
  /** Undefined: not ended. */
  outcome?: PlanOutcome | undefined;
}

/**
 * The requests in Redis. A record lives only as long as somebody keeps it: it expires when its requester stops asking
 * for it, and the worker that finds it gone ends its run.
 */
export interface PlanRequests {
  /** Records a request and resolves to its id. */
  create(request: PlanRequest, keepMs: number): Promise<string>;
  /** Undefined: cancelled or expired. `keepMs` keeps a request that has not ended for so long. */
  read(id: string, keepMs?: number): Promise<RecordedPlan | undefined>;
  /** Resolves to false if nobody wants the plan any more. */
  progress(id: string, state: PlanState): Promise<boolean>;
  /** Does nothing if nobody wants the plan any more. */
  end(id: string, outcome: PlanOutcome): Promise<void>;
  /** Resolves to whether there was such a request. */
  remove(id: string): Promise<boolean>;
}

/** `found`: a run that is recent enough has ended. `claimed`: it is this run's to do. `busy`: another run does it. */
export type PlanClaim =
  | { kind: 'found'; outcome: PlanOutcome<ChangeSet> }
  | { kind: 'claimed'; token: string }
  | { kind: 'busy' };

/** Runs by the hash of what decides their result: one at a time for each, and the outcome of the last. */
export interface PlanRuns {
  /** `since`: milliseconds since the epoch by the clock of Redis; a run that began before does not count. */
  claim(key: string, since: number): Promise<PlanClaim>;
  /** A claim ends by itself 15 s after it was last renewed, as its process may be dead. */
  renew(key: string, token: string): Promise<void>;
  /** Gives the claim back; with an outcome also records that, for a minute. */
  release(
    key: string,
    token: string,
    ended?: { startedAt: number; outcome: PlanOutcome<ChangeSet> },
  ): Promise<void>;
  /** Milliseconds since the epoch by the clock of Redis, which all processes share; with a fraction. */
  now(): Promise<number>;
}

/** How the API, pull requests and everybody else ask for a plan. */
export interface Plans {
  /**
   * Waits for the plan; aborting `signal` cancels it. Throws what a release would fail with before it applies,
   * NOT_FOUND for the name or the ref, AMBIGUOUS, PLAN_TIMEOUT, PLAN_CANCELLED.
   */
  plan(request: PlanRequest, signal: AbortSignal): Promise<Plan>;
  /** Does not wait; resolves to the id of the request. The plan is cancelled if `find` is not called for a minute. */
  request(request: PlanRequest): Promise<string>;
  /** Undefined: there is no such request, or it was cancelled or forgotten. */
  find(id: string): Promise<RecordedPlan | undefined>;
  /** Resolves to whether there was such a request. */
  cancel(id: string): Promise<boolean>;
}
