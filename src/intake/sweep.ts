import { setTimeout as sleep } from 'node:timers/promises';
import { toSlipwayError } from '../errors.ts';
import type { IntakePorts } from './ports.ts';

/** Reports and deliveries younger than this are left to the job that is about to handle them. */
const SETTLE_MS = 10_000;

/**
 * Enqueues what a crash left between two steps: targets whose desired revision no release has handled, deliveries that
 * still wait, reports that were not sent. It also tries now and then whether a forge takes what it had refused, and
 * whether a release succeeds that failed with what may pass. Enqueueing a job that exists already has no effect.
 */
export async function sweepOnce({
  desired,
  deliveries,
  repositories,
  reports,
  refused,
  retries,
  wakeUps,
}: IntakePorts): Promise<number> {
  const [unhandled, again, waiting, looks, unsent, probes] = await Promise.all([
    desired.unhandled(),
    retries.take(),
    deliveries.overdue(SETTLE_MS),
    repositories.overdueLooks(SETTLE_MS),
    reports.unsent(SETTLE_MS),
    refused.takeProbes('due'),
  ]);
  const targets = [...unhandled, ...again];
  if (targets.length > 0) await wakeUps.enqueueDeploys(targets);
  const toLook = [...new Set([...waiting, ...looks])];
  if (toLook.length > 0) await wakeUps.enqueueIntake(toLook);
  const toSend = [...unsent, ...probes];
  if (toSend.length > 0) await wakeUps.enqueueReports(toSend);
  return targets.length + toLook.length + toSend.length;
}

/** Sweeps until `signal` aborts. */
export async function sweep(everyMs: number, ports: IntakePorts, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await sweepOnce(ports);
    } catch (error) {
      ports.log.warn({ reason: toSlipwayError(error).message }, 'sweep failed');
    }
    await sleep(everyMs, undefined, { signal, ref: false }).catch(() => undefined);
  }
}
