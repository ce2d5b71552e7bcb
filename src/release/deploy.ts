import type { SlipwayError } from '../errors.ts';
import { boundChangeSet } from '../model/change-set.ts';
import { type Desired, isOpen, type Release } from '../model/release.ts';
import type { TargetId } from '../model/target.ts';
import type { LastRelease } from '../ports/cluster.ts';
import type { Lease, ReleaseEnd, TargetRecord } from '../ports/releases.ts';
import { changesOf, failed, summaryOf } from './attempt.ts';
import type { Attempt } from './attempt-state.ts';
import { attemptUntilDone } from './attempt-until-done.ts';
import { enqueueOwners, requeueOwners } from './owners.ts';
import type { ReleasePorts } from './ports.ts';
import { createRepetition } from './repetition.ts';
import { environmentOf, reportKeys } from './report-keys.ts';
import { createStageClock } from './stage-clock.ts';
import { createStepWrites } from './step-writes.ts';
import { supersededEnd } from './superseded.ts';
import { whyUnready } from './why-unready.ts';

/**
 * Deploys the desired revision of a target, unless a release has already ended for it. If that release failed with what
 * may pass, it is attempted once more. The revision is read after the lease is taken, because the wake-up contains only
 * the target's name. Rejects if the lease is lost or the process stops; the job then runs again and resumes the same
 * release. With `refusal` the release fails with it, without an attempt.
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
    if (!record?.desired) return;
    const { desired } = record;
    if (desired.revision <= record.handled && !isAttemptedAgain(record)) return;
    ports.leases.serve(lease, desired.revision);
    await release({ ...record, desired }, parent, lease, ports, refusal);
  } finally {
    ports.leases.release(lease);
  }
}

async function release(
  record: TargetRecord & { desired: Desired },
  parent: string | undefined,
  lease: Lease,
  ports: ReleasePorts,
  refusal: SlipwayError | undefined,
): Promise<void> {
  const { desired, target, last } = record;
  const again = isAttemptedAgain(record);
  const pending = last && (isOpen(last.state) || last.state === 'blocked' || again) ? last : undefined;
  const resumable = pending && isReleaseOf(pending, desired) ? pending : undefined;
  if (pending && !resumable) await finish(pending, supersededEnd(pending.commit, desired), lease, ports);

  const unready = refusal ? undefined : await whyUnready(target, ports);
  // The sweep enqueues blocked targets every few seconds. An unchanged reason is not written again.
  const isReported = resumable?.state === 'blocked' && resumable.revision === desired.revision;
  if (unready && again) return;
  if (unready && isReported && resumable.notices?.[0]?.summary === unready.summary) return;
  const writes = stepWrites(lease, ports);
  const work: Attempt = {
    ...(await beginningOf(record, parent, resumable, ports)),
    lease,
    note: writes.note,
    write: writes.now,
  };
  if (refusal) work.release = resumable;
  const attempts = refusal ? async () => failed(refusal) : attemptUntilDone;
  const end: ReleaseEnd | undefined = unready
    ? { state: 'blocked', notices: [unready] }
    : await attempts(work, ports);
  work.clock.stop();
  await writes.settled();
  if (!end) return;
  const ended = work.release ?? (await ports.releases.start(desired, 0, lease.fencingToken, work.losses));
  const times = { ...ended.times, ...work.clock.times };
  const owners = end.state === 'blocked' || end.state === 'superseded' ? [] : [...work.tookFrom];
  await requeueOwners(owners, ports);
  const recordedEnd = { ...end, changeSet: changesOf(work, end.changeSet), parent: work.parent?.() };
  await finish({ ...ended, namespace: target.namespace, times }, recordedEnd, lease, ports);
  await enqueueOwners(target, owners, lease, ports);
}

/** What an attempt begins with. `resumable`: the release that it goes on with. */
async function beginningOf(
  record: TargetRecord & { desired: Desired },
  parent: string | undefined,
  resumable: Release | undefined,
  { releases }: ReleasePorts,
): Promise<Omit<Attempt, 'lease' | 'note' | 'write'>> {
  const { desired, target, last, well, losses, tookFrom } = record;
  const before = resumable?.repetition?.isOver ? await releases.find(resumable.id) : undefined;
  return {
    target,
    desired,
    clock: createStageClock({}),
    clean: last === undefined || well,
    losses,
    last: trustworthyLast(record, parent),
    release: resumable && resumed(resumable, desired),
    repetition: createRepetition(resumable?.repetition),
    tookFrom: new Set(tookFrom),
    earlier: before?.changeSet,
  };
}

/** Undefined after a release that did not end well, and if other targets may have changed the objects: on a removal and after it. */
function trustworthyLast(
  { target, last, well }: TargetRecord,
  parent: string | undefined,
): LastRelease | undefined {
  if (!last || !well || target.removed || last.forgotten) return undefined;
  return { number: last.number, parent };
}

/** Whether the release of the desired revision has failed with what may pass, and the sweep enqueues it now and then. */
function isAttemptedAgain({ desired, last }: TargetRecord): boolean {
  return last?.repetition?.isOver === true && last.revision === desired?.revision;
}

/** A blocked release continues under a new revision of the same content: its target was only enqueued again. */
function isReleaseOf(release: Release, { revision, carried, contentKey }: Desired): boolean {
  if (release.revision === revision) return true;
  return release.state === 'blocked' && carried.includes(release.commit) && release.contentKey === contentKey;
}

/** A blocked release loses its old reason. One that failed, or that a crash left open, counts one more attempt. */
function resumed(last: Release, { revision, cause }: Desired): Release {
  if (last.state === 'blocked') return { ...last, revision, cause, notices: undefined };
  return { ...last, attempts: last.attempts + 1, endedAt: undefined, summary: undefined };
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
    // A release that is blocked while it is attempted again has not come to its end either.
    repetition: end.state === 'blocked' ? open.repetition : undefined,
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
