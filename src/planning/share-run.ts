import { setTimeout as sleep } from 'node:timers/promises';
import type { ChangeSet } from '../model/change-set.ts';
import type { Permit } from '../ports/limiter.ts';
import type { PlanOutcome, PlanRuns } from '../ports/planning.ts';
import { failedOutcome, unwrap } from './outcome.ts';

const RENEW_MS = 5_000;
const LOOK_MS = 100;

export interface SharedRun {
  /** Equal keys have equal results while the cluster stays as it is. */
  key: string;
  /** The run must have begun at this time or later, by the clock of Redis. */
  since: number;
  /** Waits until the run may begin. */
  permit(signal: AbortSignal): Promise<Permit>;
  run(permit: Permit, signal: AbortSignal): Promise<ChangeSet>;
}

/**
 * Runs once for all requests with the same key: one claims the key and runs, the others wait for its outcome. A run
 * that began before a request does not count for it, because the cluster may have changed in between; requests that
 * wait share the next run. A failure is shared like a result. If a run is aborted, a waiting request takes it over.
 */
export async function shareRun(shared: SharedRun, runs: PlanRuns, signal: AbortSignal): Promise<ChangeSet> {
  for (;;) {
    const claim = await runs.claim(shared.key, shared.since);
    signal.throwIfAborted();
    if (claim.kind === 'found') return unwrap(claim.outcome);
    if (claim.kind === 'claimed') return unwrap(await runClaimed(shared, claim.token, runs, signal));
    await sleep(LOOK_MS, undefined, { signal }).catch(() => {});
    signal.throwIfAborted();
  }
}

async function runClaimed(
  shared: SharedRun,
  token: string,
  runs: PlanRuns,
  signal: AbortSignal,
): Promise<PlanOutcome<ChangeSet>> {
  // A claim that could not be renewed only means that an equal run may begin beside this one.
  const renewal = setInterval(() => void runs.renew(shared.key, token).catch(() => {}), RENEW_MS);
  try {
    const ended = await runOnce(shared, runs, signal);
    await runs.release(shared.key, token, ended);
    return ended.outcome;
  } catch (error) {
    await runs.release(shared.key, token).catch(() => {});
    throw error;
  } finally {
    clearInterval(renewal);
  }
}

/** Throws only if it was aborted or could not begin. */
async function runOnce({ permit, run }: SharedRun, runs: PlanRuns, signal: AbortSignal) {
  const granted = await permit(signal);
  try {
    const startedAt = await runs.now();
    const outcome = await run(granted, signal).then(
      (value): PlanOutcome<ChangeSet> => ({ value }),
      failedOutcome,
    );
    signal.throwIfAborted();
    return { startedAt, outcome };
  } finally {
    granted.release();
  }
}
