import { toSlipwayError } from '../errors.ts';
import { type ChangeSet, summarize } from '../model/change-set.ts';
import type { RenderedObject } from '../model/object.ts';
import type { Desired, Release } from '../model/release.ts';
import type { Target } from '../model/target.ts';
import type { ClusterRun } from '../ports/cluster.ts';
import type { ReleaseEnd, Turn } from '../ports/releases.ts';
import { renderObjects } from './objects.ts';
import { isInForce, isTaken, lastNumber, nextRecord } from './parent-record.ts';
import type { ReleasePorts } from './ports.ts';
import { about, refusalOf } from './refusal.ts';
import type { StageClock } from './stage-clock.ts';

/** One run of a release, with what it has found so far. */
export interface Attempt {
  target: Target;
  desired: Desired;
  turn: Turn;
  clock: StageClock;
  /** Nothing was tried since the last good release, so an equal content key means: it runs already. */
  clean: boolean;
  /** Set from the start where a crash or a stop left it open, else once it has a number. */
  release?: Release | undefined;
  /** What was done on the cluster so far: recorded also when the attempt throws half-way. */
  changes?: () => ChangeSet;
  /** Called with the release once it has a number, and at each step. */
  note: (release: Release) => void;
}

/** What is on the cluster and not known to be healthy yet. */
interface Applied {
  run: ClusterRun;
  release: Release;
  objects: RenderedObject[];
  changeSet: ChangeSet;
}

/**
 * The paragraph of the design: render, check, apply, verify, prune, record. Returns how the release ended; throws
 * what concerns no object of it (GIT_*, CLUSTER_*, TURN_LOST, SUPERSEDED) for the caller to repeat or to end.
 */
export async function attempt(work: Attempt, ports: ReleasePorts): Promise<ReleaseEnd> {
  const waiting = AbortSignal.any([work.turn.signal, work.turn.newer]);
  const leave = await ports.gate(work.target.cluster).enter(work.desired.index, waiting);
  const applied = await bring(work, ports, waiting).finally(leave);
  return 'state' in applied ? applied : settle(work, applied, waiting);
}

/** Render, check, apply: what takes the machine's and the cluster's time, so it has passed the gate. */
async function bring(
  work: Attempt,
  ports: ReleasePorts,
  waiting: AbortSignal,
): Promise<Applied | ReleaseEnd> {
  const { target, desired, turn, clock } = work;
  const { signal, fence } = turn;
  const admitted = ports.guards.admit(target);
  const cluster = ports.clusters.get(target.cluster);
  const mirror = ports.mirrors.open(target.repository);

  clock.start('rendering');
  const [run] = await Promise.all([
    cluster.open({ target, ...admitted }, waiting),
    mirror.ensure(desired.commit, waiting),
  ]);
  work.changes = () => run.changes;
  const release = await open(work, run, ports);
  if (work.clean && desired.cause.kind !== 'manual' && isInForce(run.record, desired.contentKey)) {
    return { state: 'unchanged' };
  }
  const tree = mirror.tree(desired.commit);
  const { objects, skipped } = await renderObjects(target, tree, cluster, ports, signal, () =>
    step(work, release, 'checking'),
  );

  step(work, release, 'applying');
  const applied = await run.apply(objects, { signal, fence });
  const changeSet = { changes: [...applied.changes, ...skipped] };
  const refused = applied.changes.find(({ action }) => action === 'failed');
  if (!refused) return { run, release, objects, changeSet };
  return fail(work, run, release, { ...(await refusalOf(target, refused, ports.releases)), changeSet });
}

/** Verify, prune, record: mostly waiting. */
async function settle(
  work: Attempt,
  { run, release, objects, changeSet }: Applied,
  waiting: AbortSignal,
): Promise<ReleaseEnd> {
  const { target, turn, clock } = work;
  const { signal, fence } = turn;
  step(work, release, 'verifying');
  const { timeoutMs, failFastMs } = target;
  const unhealthy = await run.verify(objects, { signal: waiting, timeoutMs, failFastMs });
  if (unhealthy.length > 0) {
    const reason = unhealthy.map(({ ref, message }) => about(target, ref, message)).join('; ');
    return fail(work, run, release, { reason, changeSet });
  }

  clock.start('pruning');
  const pruned = await run.prune(objects, { signal, fence });
  changeSet.changes.push(...pruned.changes);
  await run.writeRecord(nextRecord(run.record, release, 'succeeded', new Date()), objects, fence);
  return { state: 'succeeded', changeSet };
}

/** Numbers the release, or goes on with the one that a crash left open. */
async function open(work: Attempt, run: ClusterRun, ports: ReleasePorts): Promise<Release> {
  const { desired, turn, clock } = work;
  // Redis was emptied, and what waited for a dependency has a number that the cluster knows for another commit.
  const known = work.release && !isTaken(run.record, work.release) ? work.release : undefined;
  const release = known ?? (await ports.releases.start(desired, lastNumber(run.record), turn.runId));
  Object.assign(clock.times, { ...release.times, ...clock.times });
  release.times = clock.times;
  release.state = 'rendering';
  work.release = release;
  work.note(release);
  return release;
}

function step(work: Attempt, release: Release, state: 'checking' | 'applying' | 'verifying'): void {
  work.clock.start(state);
  release.state = state;
  release.reason = undefined;
  work.note(release);
}

/** A failed release is remembered on the cluster too: an equal key no longer means that it runs. */
async function fail(
  { turn }: Attempt,
  run: ClusterRun,
  release: Release,
  end: Omit<ReleaseEnd, 'state'>,
): Promise<ReleaseEnd> {
  await run.writeRecord(nextRecord(run.record, release, 'failed', new Date()), undefined, turn.fence);
  return { state: 'failed', ...end };
}

/** The end of a release that threw what no repetition cures. */
export function failed(error: unknown): ReleaseEnd {
  const { message, hint, place } = toSlipwayError(error);
  const line = place?.line === undefined ? '' : `:${place.line}`;
  return { state: 'failed', reason: place ? `${place.file}${line}: ${message}` : message, hint };
}

export function summaryOf(end: ReleaseEnd): string | undefined {
  return end.changeSet && summarize(end.changeSet);
}
