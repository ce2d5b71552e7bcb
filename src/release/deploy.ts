import { SlipwayError, toSlipwayError } from '../errors.ts';
import { backoffMs } from '../model/backoff.ts';
import { boundChangeSet } from '../model/change-set.ts';
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
import { whyUnready } from './why-unready.ts';

/** Internal errors are retried, since their cause may be transient; external errors until a newer revision supersedes them. */
const MAX_ATTEMPTS_AFTER_INTERNAL_ERROR = 3;

/**
 * Deploys the desired revision of a target, unless a release has already ended for it. The revision is read after the
 * lease is taken, because the wake-up contains only the target's name. Rejects if the lease is lost or the process
 * stops; the job then runs again and resumes the same release. With `refusal` the release fails with it, without an
 * attempt.
 */
export async function deploy(
  target: TargetId,
  ports: ReleasePorts,
  signal: AbortSignal,
  refusal?: SlipwayError,
): Promise<void> {
  const taking = ports.leases.take(target, signal);
  // Sent without waiting for the lease: Redis executes a connection's commands in order, so these reads come after it.
  const reading = Promise.all([ports.releases.record(target), ports.releases.parent(target)]);
  reading.catch(() => undefined);
  const lease = await taking;
  try {
    const [record, parent] = await reading;
    if (!record?.desired || record.desired.revision <= record.handled) return;
    ports.leases.serve(lease, record.desired.revision);
    await release(record, parent, lease, ports, refusal);
  } finally {
    ports.leases.release(lease);
  }
}

async function release(
  record: TargetRecord,
  parent: string | undefined,
  lease: Lease,
  ports: ReleasePorts,
  refusal: SlipwayError | undefined,
): Promise<void> {
  const { desired, target, last } = record;
  if (!desired) return;
  const pending = last && (isOpen(last.state) || last.state === 'blocked') ? last : undefined;
  const resumable = pending && isReleaseOf(pending, desired) ? pending : undefined;
  if (pending && !resumable) await finish(pending, supersededEnd(pending.commit, desired), lease, ports);

  const unready = refusal ? undefined : await whyUnready(target, ports);
  // The sweep enqueues blocked targets every few seconds. An unchanged reason is not written again.
  const isReported = resumable?.state === 'blocked' && resumable.revision === desired.revision;
  if (unready && isReported && resumable.notices?.[0]?.summary === unready.summary) return;
  const writes = stepWrites(lease, ports);
  const work: Attempt = {
    target,
    desired,
    lease,
    clock: createStageClock({}),
    clean: last === undefined || record.well,
    losses: record.losses,
    last: trustworthyLast(record, parent),
    release: resumable && (refusal ? resumable : resumed(resumable, desired)),
    tookFrom: new Set(record.tookFrom),
    note: writes.note,
  };
  const attempts = refusal ? async () => failed(refusal) : attemptUntilDone;
  const end: ReleaseEnd = unready
    ? { state: 'blocked', notices: [unready] }
    : await attempts(work, lease, ports);
  work.clock.stop();
  await writes.settled();
  const ended = work.release ?? (await ports.releases.start(desired, 0, lease.fencingToken, work.losses));
  const times = { ...ended.times, ...work.clock.times };
  const owners = end.state === 'blocked' || end.state === 'superseded' ? [] : [...work.tookFrom];
  await requeueOwners(owners, ports);
  const recordedEnd = { ...end, changeSet: changesOf(work, end.changeSet), parent: work.parent?.() };
  await finish({ ...ended, namespace: target.namespace, times }, recordedEnd, lease, ports);
  await enqueueOwners(target, owners, ports);
}

/** Undefined after a release that did not end well, and if other targets may have changed the objects: on a removal and after it. */
function trustworthyLast(
  { target, last, well }: TargetRecord,
  parent: string | undefined,
): LastRelease | undefined {
  if (!last || !well || target.removed || last.forgotten) return undefined;
  return { number: last.number, parent };
}

/** A blocked release continues under a new revision of the same content: its target was only enqueued again. */
function isReleaseOf(release: Release, { revision, carried, contentKey }: Desired): boolean {
  if (release.revision === revision) return true;
  return release.state === 'blocked' && carried.includes(release.commit) && release.contentKey === contentKey;
}

/** A blocked release loses its old reason. A release that a crash left open counts one more attempt. */
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

/** Retries retryable errors with back-off until the release ends or a newer revision supersedes it. */
async function attemptUntilDone(work: Attempt, lease: Lease, ports: ReleasePorts): Promise<ReleaseEnd> {
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
      if (!error.retryable || (error.code === 'INTERNAL' && tries >= MAX_ATTEMPTS_AFTER_INTERNAL_ERROR)) {
        ports.log.warn(logFields(work, error), 'release failed');
        return failed(error);
      }
      work.earlier = changesOf(work);
      work.changes = undefined;
      await recordRetry(work, error, ports);
      await pause(backoffMs(tries, error.retryAfterMs), waiting).catch(() => undefined);
      lease.signal.throwIfAborted();
      if (lease.newer.aborted) return superseded(work, ports);
      await advance(work, ports);
    }
  }
}

/** Shows the cause of the delay in the commit report, even if the release has no number yet. */
async function recordRetry(work: Attempt, error: SlipwayError, ports: ReleasePorts): Promise<void> {
  ports.log.warn(logFields(work, error), 'release is retried');
  if (work.release) {
    work.release.attempts += 1;
    work.release.failure = error.failure;
    work.note(work.release);
  } else {
    await ports.releases.hold(work.desired, error.failure, work.lease.fencingToken);
  }
  await ports.wakeUps.enqueueReports(reportKeys(work.desired.target, work.desired.carried));
}

/** A force push may have dropped the commit: takes the newest one with the same content. False if it is the same one. */
async function advance(work: Attempt, { releases }: ReleasePorts): Promise<boolean> {
  const { commit, revision, target } = work.desired;
  const newest = (await releases.record(target))?.desired;
  if (newest?.revision !== revision) return false;
  work.desired = newest;
  return newest.commit !== commit;
}

function logFields({ target }: Attempt, { code, failure }: SlipwayError) {
  return { target: target.id, code, reason: describeFailure(failure, target) };
}

function environmentOf(target: TargetId): string {
  return namesOf(target).environment;
}

function reportKeys(target: TargetId, commits: string[]): CommitReportKey[] {
  const { repository, environment } = namesOf(target);
  return commits.map((commit) => ({ repository, commit, scope: environment }));
}

function namesOf(target: TargetId) {
  const names = parseTargetId(target);
  if (!names) throw new SlipwayError('INTERNAL', `not a target: ${target}`);
  return names;
}

async function superseded({ desired, release }: Attempt, { releases }: ReleasePorts): Promise<ReleaseEnd> {
  const newest = (await releases.record(desired.target))?.desired;
  return supersededEnd(release?.commit ?? desired.commit, newest);
}

/** No commit supersedes a release if the newer revision is one more deploy of its commit. */
function supersededEnd(commit: string, newest: Desired | undefined): ReleaseEnd {
  if (!newest?.carried.includes(commit)) return { state: 'superseded', supersededBy: newest?.commit };
  const summary = 'another release of the same commit was requested';
  return { state: 'superseded', notices: [{ kind: 'repeated', summary }] };
}

interface RecordedEnd extends ReleaseEnd {
  parent?: string | undefined;
}

async function finish(open: Release, end: RecordedEnd, lease: Lease, ports: ReleasePorts): Promise<void> {
  const { releases, wakeUps, metrics, log } = ports;
  const { changeSet, parent, ...rest } = end;
  const ended: Release = {
    ...open,
    failure: undefined,
    notices: undefined,
    ...rest,
    endedAt: Date.now(),
    summary: summaryOf(end),
  };
  const commits = await releases.write(
    ended,
    lease.fencingToken,
    changeSet && boundChangeSet(changeSet),
    parent,
  );
  await Promise.all([
    commits.length > 0 ? wakeUps.enqueueReports(reportKeys(open.target, commits)) : undefined,
    // Also after a failure: dependents then report the failure as their reason.
    end.state === 'superseded' ? undefined : enqueueDependents(open.target, ports),
  ]);
  metrics.releases.inc({ environment: environmentOf(open.target), state: end.state });
  for (const [stage, ms] of Object.entries(ended.times)) metrics.stageSeconds.observe({ stage }, ms / 1_000);
  log.info(
    { target: ended.target, release: ended.id, state: end.state, times: ended.times },
    'release ended',
  );
}

/** One read and one batch of wake-ups, however many dependents there are. Targets that run as desired are not enqueued. */
async function enqueueDependents(target: TargetId, { dependencies, wakeUps }: ReleasePorts): Promise<void> {
  const waiting = await dependencies.waiting(target);
  if (waiting.length > 0) await wakeUps.enqueueDeploys(waiting);
}
