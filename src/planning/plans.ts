import { setTimeout as sleep } from 'node:timers/promises';
import { SlipwayError } from '../errors.ts';
import type { PlanRequest, PlanRequests, PlanState, Plans, RecordedPlan } from '../ports/planning.ts';
import type { WakeUps } from '../ports/wake-ups.ts';
import { unwrap } from './outcome.ts';

export interface PlansOptions {
  /** Milliseconds that `plan` waits at most; default 110 s, so that a client that waits two minutes gets the error. */
  timeoutMs?: number;
}

const TIMEOUT_MS = 110_000;

/** A waiting process reads the request every 200 ms; if it dies, the plan is cancelled soon after. */
const KEEP_WHILE_WAITING_MS = 15_000;
const KEEP_BETWEEN_ASKING_MS = 60_000;

const SOON_MS = 1_000;
const ASK_SOON_EVERY_MS = 40;
const ASK_LATER_EVERY_MS = 200;

/** The error of a plan that did not end in time, by the state that it reached. */
const stopped: Record<PlanState, { reason: string; hint: string }> = {
  queued: {
    reason: 'no plan worker took the request',
    hint: 'Start one with slipway worker plan, or more if all are busy; slipway run includes one.',
  },
  resolving: {
    reason: 'the commit was being fetched and its slipway.yaml read',
    hint: 'Check the forge, then ask again.',
  },
  waiting: {
    reason: 'it waited for other plans on the cluster',
    hint: 'Ask again in a moment, or start more plan workers.',
  },
  planning: { reason: 'the dry run was under way', hint: 'Check the cluster, then ask again.' },
  planned: { reason: 'its result was not read', hint: 'Ask again.' },
  failed: { reason: 'its result was not read', hint: 'Ask again.' },
};

/** The asking side of planning, which needs Redis and nothing else. */
export function createPlans(
  requests: PlanRequests,
  wakeUps: Pick<WakeUps, 'enqueuePlan'>,
  { timeoutMs = TIMEOUT_MS }: PlansOptions = {},
): Plans {
  async function start(request: PlanRequest, keepMs: number): Promise<string> {
    const id = await requests.create(request, keepMs);
    await wakeUps.enqueuePlan(id, request.target);
    return id;
  }

  return {
    async plan(request, signal) {
      const id = await start(request, KEEP_WHILE_WAITING_MS);
      try {
        const { outcome } = await whenEnded(id, request, { requests, timeoutMs, signal });
        if (!outcome) throw lost(request);
        return unwrap(outcome);
      } finally {
        // It has ended, or nobody waits any more. If Redis is unreachable, the record expires by itself.
        await requests.remove(id).catch(() => {});
      }
    },
    request: (request) => start(request, KEEP_BETWEEN_ASKING_MS),
    find: (id) => requests.read(id, KEEP_BETWEEN_ASKING_MS),
    cancel: (id) => requests.remove(id),
  };
}

interface Waiting {
  requests: PlanRequests;
  timeoutMs: number;
  signal: AbortSignal;
}

async function whenEnded(
  id: string,
  request: PlanRequest,
  { requests, timeoutMs, signal }: Waiting,
): Promise<RecordedPlan> {
  const begin = performance.now();
  for (;;) {
    const recorded = await requests.read(id, KEEP_WHILE_WAITING_MS);
    if (!recorded) throw lost(request);
    if (recorded.outcome) return recorded;
    const waited = performance.now() - begin;
    if (waited >= timeoutMs) throw tooLate(recorded, timeoutMs);
    await sleep(waited < SOON_MS ? ASK_SOON_EVERY_MS : ASK_LATER_EVERY_MS, undefined, { signal }).catch(
      () => {},
    );
    signal.throwIfAborted();
  }
}

function tooLate({ request, state }: RecordedPlan, timeoutMs: number): SlipwayError {
  const { reason, hint } = stopped[state];
  const message = `the plan of ${request.target} did not end within ${Math.round(timeoutMs / 1_000)} s: ${reason}`;
  return new SlipwayError('PLAN_TIMEOUT', message, { hint });
}

function lost({ target }: PlanRequest): SlipwayError {
  return new SlipwayError('PLAN_CANCELLED', `the plan of ${target} was cancelled, or Redis has lost it`);
}
