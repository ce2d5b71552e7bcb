import { toSlipwayError } from '../errors.ts';
import { type ChangeSet, type ObjectChange, summarize } from '../model/change-set.ts';
import { joined } from '../model/joined-changes.ts';
import type { RenderedObject } from '../model/object.ts';
import type { Desired, Release } from '../model/release.ts';
import type { ClusterRun, ClusterWork, LastRelease, RecordLine } from '../ports/cluster.ts';
import type { ReleaseEnd } from '../ports/releases.ts';
import type { Attempt } from './attempt-state.ts';
import { fail } from './fail.ts';
import { renderObjects } from './objects.ts';
import { isTaken, lastNumber, lineInForce, nextRecord } from './parent-record.ts';
import { acquirePermit, type Permit } from './permit.ts';
import type { ReleasePorts } from './ports.ts';
import { pruneGuarded } from './prune.ts';
import { failureOf, refusalOf } from './refusal.ts';
import { removeTarget } from './remove-target.ts';
import { takeoverRightOf } from './takeover.ts';
import { unhealthyEnd } from './unhealthy.ts';

/** What is on the cluster and not known to be healthy yet. */
interface Applied {
  run: ClusterRun;
  release: Release;
  objects: RenderedObject[];
  changeSet: ChangeSet;
}

/**
 * The paragraph of the design: render, check, apply, verify, prune, record. Returns how the release ended; throws
 * what concerns no object of it (GIT_*, CLUSTER_*, LEASE_LOST, SUPERSEDED) for the caller to repeat or to end.
 */
export async function attempt(work: Attempt, ports: ReleasePorts): Promise<ReleaseEnd> {
  const waiting = AbortSignal.any([work.lease.signal, work.lease.newer]);
  const permit = await acquirePermit(ports.limiter(work.target.cluster), work.desired.index, waiting);
  const applied = await bring(work, ports, permit, waiting).finally(permit.release);
  return 'state' in applied ? applied : settle(work, applied, ports, waiting);
}

/** Renders, checks and applies: that takes time of the machine and the cluster, so it needs a permit. */
async function bring(
  work: Attempt,
  ports: ReleasePorts,
  permit: Permit,
  waiting: AbortSignal,
): Promise<Applied | ReleaseEnd> {
  const { target, desired, lease, clock } = work;
  const { signal, checkLease } = lease;
  const asked = askedOf(work, ports);
  const cluster = ports.clusters.get(target.cluster);
  const mirror = ports.mirrors.open(target.repository);

  clock.start('rendering');
  const [run] = await Promise.all([cluster.open(asked, waiting), mirror.ensure(desired.commit, waiting)]);
  work.changes = () => run.changes;
  work.parent = () => run.parent;
  const release = await open(work, run, ports);
  if (target.removed) return removeTarget(work, run, release, waiting, ports);
  const deployed = deployedLine(work, run);
  if (deployed && deployed.policyKey === release.policyKey) return { state: 'unchanged' };
  const tree = mirror.tree(desired.commit);
  const { objects, refused, skipped, warnings } = await renderObjects(
    target,
    tree,
    cluster,
    ports,
    signal,
    () => step(work, release, 'checking'),
  );

  work.warnings = warnings;
  const [first, ...more] = refused;
  if (first) return refusedEnd([first, ...more], skipped, ports, waiting);
  // The rules have changed since and still allow it: its hooks must not run once more.
  if (deployed) return { state: 'unchanged' };
  step(work, release, 'applying');
  const waits = { signal: waiting, aside: asVerifying(work, release, permit) };
  const applied = await run.apply(objects, { signal, checkLease, waits });
  const changeSet = { changes: [...applied.changes, ...skipped] };
  const brought: Applied = { run, release, objects, changeSet };
  const [failed, ...others] = applied.changes.filter(({ action }) => action === 'failed');
  if (failed) {
    const failure = await refusalOf([failed, ...others], ports, waiting);
    return fail(work, brought, { failure, changeSet }, waiting);
  }
  const [sick, ...sickToo] = applied.unhealthy;
  if (!sick) return brought;
  return fail(work, brought, unhealthyEnd(target, [sick, ...sickToo], changeSet), waiting);
}

/** The cluster's record of this content, if it runs already and nobody asks for more. */
function deployedLine({ clean, desired }: Attempt, { record }: ClusterRun): RecordLine | undefined {
  if (!clean || desired.cause.kind === 'manual') return undefined;
  return lineInForce(record, desired.contentKey);
}

/** The policy refuses objects: nothing is applied and no hook runs, since the hooks are objects of the same app. */
async function refusedEnd(
  refused: [ObjectChange, ...ObjectChange[]],
  skipped: ObjectChange[],
  ports: ReleasePorts,
  waiting: AbortSignal,
): Promise<ReleaseEnd> {
  const failure = await refusalOf(refused, ports, waiting);
  return { state: 'failed', failure, changeSet: { changes: [...refused, ...skipped] } };
}

function askedOf(work: Attempt, ports: ReleasePorts): ClusterWork {
  const { target, desired, tookFrom } = work;
  const { revision } = desired;
  return {
    target,
    ...ports.admission.admit(target),
    releaseKey: releaseKey(desired),
    last: trustedRelease(work),
    takeoverRight: takeoverRightOf({ target, revision, onTaking: (owner) => tookFrom.add(owner) }, ports),
  };
}

/** The release waits for a wave or a hook: it says so, and holds no place meanwhile. */
function asVerifying(work: Attempt, release: Release, permit: Permit): Permit['whileReleased'] {
  return async (wait) => {
    step(work, release, 'verifying');
    const found = await permit.whileReleased(wait);
    step(work, release, 'applying');
    return found;
  };
}

/** Verify, the hooks after the deploy, prune, record: mostly waiting. */
async function settle(
  work: Attempt,
  applied: Applied,
  ports: ReleasePorts,
  waiting: AbortSignal,
): Promise<ReleaseEnd> {
  const { run, release, objects, changeSet } = applied;
  const { target, lease, clock } = work;
  const { signal, checkLease } = lease;
  step(work, release, 'verifying');
  const { timeoutMs, failFastMs } = target;
  const unhealthy = await run.verify(objects, { signal: waiting, timeoutMs, failFastMs });
  const [first, ...others] = unhealthy;
  if (first) return fail(work, applied, unhealthyEnd(target, [first, ...others], changeSet), waiting);

  // Before the prune: a release whose check of itself fails has deleted nothing.
  const waits = { signal: waiting, aside: <T>(wait: () => Promise<T>) => wait() };
  const hooks = await run.runHooks('post-deploy', objects, { signal, checkLease, waits });
  changeSet.changes.push(...hooks.changes);
  const broken = hooks.changes.find(({ action }) => action === 'failed');
  if (broken) return fail(work, applied, { failure: failureOf(broken), changeSet }, waiting);

  clock.start('pruning');
  const { changes, ...left } = await pruneGuarded(work, run, objects, { mirrors: ports.mirrors, waits });
  changeSet.changes.push(...changes);
  await run.writeRecord(nextRecord(run.record, release, 'succeeded', new Date()), objects, checkLease);
  return { state: 'succeeded', ...left, changeSet };
}

/** Hooks run once for what is desired, however often the attempt is repeated. */
function releaseKey({ contentKey, revision }: Desired): string {
  return `${contentKey}/${revision}`;
}

/** Who asks for a deploy by hand wants the cluster to be looked at, and so does who tries again. */
function trustedRelease({ desired, last, release }: Attempt): LastRelease | undefined {
  return desired.cause.kind === 'manual' || (release && release.attempts > 1) ? undefined : last;
}

/** Numbers the release, or goes on with the one that a crash left open. */
async function open(work: Attempt, run: ClusterRun, ports: ReleasePorts): Promise<Release> {
  const { desired, lease, clock } = work;
  // Redis was emptied, and what waited for a dependency has a number that the cluster knows for another commit.
  const known = work.release && !isTaken(run.record, work.release) ? work.release : undefined;
  const release = known ?? (await ports.releases.start(desired, lastNumber(run.record), lease.fencingToken));
  Object.assign(clock.times, { ...release.times, ...clock.times });
  release.times = clock.times;
  release.policyKey = work.target.removed ? undefined : ports.policy.keyOf(work.target);
  release.state = 'rendering';
  release.namespace = work.target.namespace;
  release.failure = undefined;
  work.release = release;
  work.note(release);
  return release;
}

function step(work: Attempt, release: Release, state: 'checking' | 'applying' | 'verifying'): void {
  work.clock.start(state);
  release.state = state;
  release.failure = undefined;
  work.note(release);
}

/** The end of a release that threw an error that no retry cures. */
export function failed(error: unknown): ReleaseEnd {
  return { state: 'failed', failure: toSlipwayError(error).failure };
}

/** What all attempts together did; `last` is the change set of the last one, where it came so far. */
export function changesOf(
  { earlier, changes, warnings }: Attempt,
  last = changes?.(),
): ChangeSet | undefined {
  const set = earlier ? joined(earlier, last ?? { changes: [] }) : last;
  return set && { ...set, warnings };
}

export function summaryOf(end: ReleaseEnd): string | undefined {
  return end.changeSet && summarize(end.changeSet);
}
