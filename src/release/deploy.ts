import { SlipwayError, toSlipwayError } from '../errors.ts';
import { backoffMs } from '../model/backoff.ts';
import { bounded } from '../model/change-set.ts';
import type { CommitReportKey } from '../model/commit-report.ts';
import { describeFailure } from '../model/describe-failure.ts';
import { type Desired, isOpen, type Release } from '../model/release.ts';
import { parseTargetId, type TargetId } from '../model/target.ts';
import type { LastRelease } from '../ports/cluster.ts';
import type { Lease, ReleaseEnd, TargetRecord } from '../ports/releases.ts';
import { attempt, changesOf, failed, summaryOf } from './attempt.ts';
import type { Attempt } from './attempt-state.ts';
import { enqueueOwners, requeueOwners } from './owners.ts';
import { pause } from './pause.ts';
import type { ReleasePorts } from './ports.ts';
import { createStageClock } from './stage-clock.ts';
import { createStepWrites } from './step-writes.ts';
import { successorsOf } from './successors.ts';
import { unreadyDependency } from './unready-dependency.ts';

/** A bug is repeated a few times (the cause may pass), the outside world until a newer desired comes. */
const TRIES_OF_A_BUG = 3;

/**
 * Brings one target to what is desired now, or finds nothing to do. The wake-up carries only the name: the
 * desired revision is read after the lease is taken. Rejects if the lease is lost or the process stops; the job then
 * runs again and goes on with the same release.
 */
export async function deploy(target: TargetId, ports: ReleasePorts, signal: AbortSignal): Promise<void> {
  const taking = ports.leases.take(target, signal);
  // Sent at once: Redis executes a connection's commands in order, so it is read after the lease is taken.
  const reading = Promise.all([ports.releases.record(target), ports.releases.parent(target)]);
  reading.catch(() => undefined);
  const lease = await taking;
  try {
    const [record, parent] = await reading;
    if (!record?.desired || record.desired.revision <= record.handled) return;
    ports.leases.serve(lease, record.desired.revision);
    await release(record, parent, lease, ports);
  } finally {
    ports.leases.release(lease);
  }
}

async function release(
  record: TargetRecord,
  parent: string | undefined,
  lease: Lease,
  ports: ReleasePorts,
): Promise<void> {
  const { desired, target, last } = record;
  if (!desired) return;
  const leftOver = last && (isOpen(last.state) || last.state === 'blocked') ? last : undefined;
  const same = leftOver && isFor(leftOver, desired) ? leftOver : undefined;
  if (leftOver && !same) await supersedeLeftOver(leftOver, desired.commit, lease, ports);

  const unready = target.removed
    ? (await successorsOf(target, ports)).unready
    : await unreadyDependency(target, ports);
  // The sweep looks every few seconds; there is nothing new to say.
  const isSaid = same?.state === 'blocked' && same.revision === desired.revision;
  if (unready && isSaid && same.notices?.[0]?.summary === unready.summary) return;
  const writes = stepWrites(lease, ports);
  const work: Attempt = {
    target,
    desired,
    lease,
    clock: createStageClock({}),
    clean: last === undefined || record.well,
    last: lastOwn(record, parent),
    release: same && resumed(same, desired),
    tookFrom: new Set(record.tookFrom),
    note: writes.note,
  };
  const end: ReleaseEnd = unready
    ? { state: 'blocked', notices: [unready] }
    : await untilItEnds(work, lease, ports);
  work.clock.stop();
  await writes.settled();
  const ended = work.release ?? (await ports.releases.start(desired, 0, lease.fencingToken));
  const times = { ...ended.times, ...work.clock.times };
  const owners = end.state === 'blocked' || end.state === 'superseded' ? [] : [...work.tookFrom];
  await requeueOwners(owners, ports);
  const whole = { ...end, changeSet: changesOf(work, end.changeSet), parent: work.parent?.() };
  await finish({ ...ended, namespace: target.namespace, times }, whole, lease, ports);
  await enqueueOwners(target.id, owners, ports);
}

/** Other targets have written to the objects of one that is to go, or that comes back. */
function lastOwn({ target, last, well }: TargetRecord, parent: string | undefined): LastRelease | undefined {
  if (!last || !well || target.removed || last.forgotten) return undefined;
  return { number: last.number, parent };
}

/** A blocked release is still the same if its target was only enqueued again. */
function isFor(release: Release, { revision, commit, contentKey }: Desired): boolean {
  if (release.revision === revision) return true;
  return release.state === 'blocked' && release.commit === commit && release.contentKey === contentKey;
}

/** What it waited for is no longer true of it; one that a crash left open is tried once more. */
function resumed(last: Release, { revision, cause }: Desired): Release {
  if (last.state === 'blocked') return { ...last, revision, cause, notices: undefined };
  return { ...last, attempts: last.attempts + 1 };
}

function stepWrites(lease: Lease, { releases, log }: ReleasePorts) {
  return createStepWrites((release) =>
    releases
      .write(release, lease.fencingToken)
      .catch((error: unknown) =>
        log.warn({ release: release.id, reason: String(error) }, 'step not recorded'),
      ),
  );
}

/** Retryable errors are repeated with back-off until it ends or a newer desired comes. */
async function untilItEnds(work: Attempt, lease: Lease, ports: ReleasePorts): Promise<ReleaseEnd> {
  const waiting = AbortSignal.any([lease.signal, lease.newer]);
  for (let tries = 1; ; tries += 1) {
    try {
      return await attempt(work, ports);
    } catch (thrown) {
      lease.signal.throwIfAborted();
      const error = lease.newer.aborted ? toSlipwayError(lease.newer.reason) : toSlipwayError(thrown);
      if (error.code === 'LEASE_LOST') throw error;
      if (error.code === 'SUPERSEDED') return superseded(work.desired.target, ports);
      if (!error.retryable || (error.code === 'INTERNAL' && tries >= TRIES_OF_A_BUG)) {
        ports.log.warn(logged(work, error), 'release failed');
        return failed(error);
      }
      work.earlier = changesOf(work);
      work.changes = undefined;
      await noteRetry(work, error, ports);
      await pause(backoffMs(tries, error.retryAfterMs), waiting).catch(() => undefined);
      lease.signal.throwIfAborted();
      if (lease.newer.aborted) return superseded(work.desired.target, ports);
    }
  }
}

/** Reports on the commit why the release takes so long, also if it could not even begin. */
async function noteRetry(work: Attempt, error: SlipwayError, ports: ReleasePorts): Promise<void> {
  ports.log.warn(logged(work, error), 'release is retried');
  if (work.release) {
    work.release.attempts += 1;
    work.release.failure = error.failure;
    work.note(work.release);
  } else {
    await ports.releases.hold(work.desired, error.failure, work.lease.fencingToken);
  }
  await ports.wakeUps.enqueueReports([reportKey(work.desired)]);
}

function logged({ target }: Attempt, { code, failure }: SlipwayError) {
  return { target: target.id, code, reason: describeFailure(failure, target) };
}

function reportKey({ target, commit }: { target: TargetId; commit: string }): CommitReportKey {
  const parts = parseTargetId(target);
  if (!parts) throw new SlipwayError('INTERNAL', `not a target: ${target}`);
  return { repository: parts.repository, commit, scope: parts.environment };
}

async function superseded(target: TargetId, { releases }: ReleasePorts): Promise<ReleaseEnd> {
  const newest = (await releases.record(target))?.desired?.commit;
  return { state: 'superseded', supersededBy: newest };
}

/** A run that died left its release open, and something newer is desired by now. */
async function supersedeLeftOver(
  last: Release,
  by: string,
  lease: Lease,
  ports: ReleasePorts,
): Promise<void> {
  await finish(last, { state: 'superseded', supersededBy: by }, lease, ports);
}

interface WholeEnd extends ReleaseEnd {
  parent?: string | undefined;
}

async function finish(open: Release, end: WholeEnd, lease: Lease, ports: ReleasePorts): Promise<void> {
  const { releases, wakeUps, metrics, log } = ports;
  const key = reportKey(open);
  const { changeSet, parent, ...rest } = end;
  const ended: Release = {
    ...open,
    failure: undefined,
    notices: undefined,
    ...rest,
    endedAt: Date.now(),
    summary: summaryOf(end),
  };
  const isNews = await releases.write(ended, lease.fencingToken, changeSet && bounded(changeSet), parent);
  await Promise.all([
    isNews ? wakeUps.enqueueReports([key]) : undefined,
    // Also after a failure: they wait on, and say now for what.
    end.state === 'superseded' ? undefined : enqueueDependents(open.target, ports),
  ]);
  metrics.releases.inc({ environment: key.scope, state: end.state });
  for (const [stage, ms] of Object.entries(ended.times)) metrics.stageSeconds.observe({ stage }, ms / 1_000);
  log.info(
    { target: ended.target, release: ended.id, state: end.state, times: ended.times },
    'release ended',
  );
}

/** One read and one batch of wake-ups, however many there are. Targets that run as desired are not enqueued. */
async function enqueueDependents(target: TargetId, { dependencies, wakeUps }: ReleasePorts): Promise<void> {
  const waiting = await dependencies.waiting(target);
  if (waiting.length > 0) await wakeUps.enqueueDeploys(waiting);
}
