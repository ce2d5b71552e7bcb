import { type SlipwayError, toSlipwayError } from '../errors.ts';
import { backoffMs } from '../model/backoff.ts';
import { describeFailure } from '../model/describe-failure.ts';
import type { Repetition } from '../model/release.ts';
import type { ReleaseEnd } from '../ports/releases.ts';
import { attempt, changesOf, failed } from './attempt.ts';
import type { Attempt } from './attempt-state.ts';
import { pause } from './pause.ts';
import type { ReleasePorts } from './ports.ts';
import { reportKeys } from './report-keys.ts';
import { supersededEnd } from './superseded.ts';

/** Internal errors are retried, since their cause may be transient. */
const MAX_ATTEMPTS_AFTER_INTERNAL_ERROR = 3;

const AGAIN = 'Slipway tries again every two minutes.';

/**
 * Retries retryable errors with back-off, and at once when a cluster that was away responds again, until the release ends, a newer revision supersedes it, or the attempts were
 * repeated for the app's timeout. After that it has failed, and each run makes one attempt. Undefined: the attempt
 * failed as the one before it, and there is nothing to write.
 */
export async function attemptUntilDone(work: Attempt, ports: ReleasePorts): Promise<ReleaseEnd | undefined> {
  const { lease } = work;
  const waiting = AbortSignal.any([lease.signal, lease.newer]);
  for (let tries = 1; ; tries += 1) {
    try {
      return await attempt(work, ports);
    } catch (thrown) {
      lease.signal.throwIfAborted();
      const error = lease.newer.aborted ? toSlipwayError(lease.newer.reason) : toSlipwayError(thrown);
      if (error.code === 'LEASE_LOST') throw error;
      if (error.code === 'SUPERSEDED') return superseded(work, ports);
      if (error.code === 'COMMIT_MISSING' && (await advance(work, ports))) continue;
      if (!isRepeated(work, error, tries)) {
        ports.log.warn(logFields(work, error), 'release failed');
        return failed(error);
      }
      work.earlier = changesOf(work);
      work.changes = undefined;
      const repetition = work.repetition.failed();
      const left = work.target.timeoutMs - repetition.ms;
      if (left <= 0 || isAgain(work)) return timedOut(work, error, repetition, ports);
      await recordRetry(work, error, repetition, ports);
      await untilNext(work, error, { tries, left }, waiting, ports).catch(() => undefined);
      lease.signal.throwIfAborted();
      if (lease.newer.aborted) return superseded(work, ports);
      await advance(work, ports);
    }
  }
}

/** Waits until the next attempt: if the cluster is away, until it responds again. */
async function untilNext(
  { target }: Attempt,
  { code, retryAfterMs }: SlipwayError,
  { tries, left }: { tries: number; left: number },
  waiting: AbortSignal,
  { clusters }: ReleasePorts,
): Promise<void> {
  const away = code === 'CLUSTER_UNREACHABLE' ? clusters.get(target.cluster).away : undefined;
  if (away) return pause(left, waiting, away.back);
  await pause(Math.min(left, backoffMs(tries, retryAfterMs)), waiting);
}

/** Whether another attempt may succeed without a change. */
function isRepeated(work: Attempt, { code, retryable }: SlipwayError, tries: number): boolean {
  if (code !== 'INTERNAL') return retryable;
  return tries < MAX_ATTEMPTS_AFTER_INTERNAL_ERROR && !isAgain(work);
}

/** The release has failed before, and this run is one more attempt. */
function isAgain({ release }: Attempt): boolean {
  return release?.repetition?.isOver === true;
}

/** It was repeated for the app's timeout: it has failed, until a later attempt succeeds. */
function timedOut(
  work: Attempt,
  error: SlipwayError,
  repetition: Repetition,
  { log }: ReleasePorts,
): ReleaseEnd | undefined {
  log.warn(logFields(work, error), 'release failed and is attempted again later');
  if (isStillFailed(work) && work.release?.failure?.code === error.code) return undefined;
  const failure = { ...error.failure, hint: `${error.hint} ${AGAIN}` };
  return { state: 'failed', failure, repetition: { ...repetition, isOver: true } };
}

/** This attempt has come no further than the one that the release failed with, so nothing says otherwise. */
function isStillFailed({ release }: Attempt): boolean {
  return release?.state === 'failed';
}

/** Shows the cause of the delay in the commit report, even if the release could not begin. */
async function recordRetry(
  work: Attempt,
  error: SlipwayError,
  repetition: Repetition,
  ports: ReleasePorts,
): Promise<void> {
  const { desired, lease, losses } = work;
  ports.log.warn(logFields(work, error), 'release is retried');
  work.release ??= {
    ...(await ports.releases.start(desired, 0, lease.fencingToken, losses)),
    state: 'queued',
    namespace: work.target.namespace,
  };
  const { release } = work;
  const isKnown = release.failure?.code === error.code;
  // The text of one cause may vary with each attempt, and every new text is a status.
  if (!isKnown) release.failure = error.failure;
  release.attempts += 1;
  release.repetition = repetition;
  await work.write(release);
  if (!isKnown) await ports.wakeUps.enqueueReports(reportKeys(desired.target, desired.carried));
}

/** A force push may have dropped the commit: takes the newest one with the same content. False if it is the same one. */
async function advance(work: Attempt, { releases }: ReleasePorts): Promise<boolean> {
  const { commit, revision, target } = work.desired;
  const newest = (await releases.record(target))?.desired;
  if (newest?.revision !== revision) return false;
  work.desired = newest;
  return newest.commit !== commit;
}

async function superseded(work: Attempt, { releases }: ReleasePorts): Promise<ReleaseEnd | undefined> {
  if (isStillFailed(work)) return undefined;
  const { desired, release } = work;
  const newest = (await releases.record(desired.target))?.desired;
  return supersededEnd(release?.commit ?? desired.commit, newest);
}

function logFields({ target }: Attempt, { code, failure }: SlipwayError) {
  return { target: target.id, code, reason: describeFailure(failure, target) };
}
