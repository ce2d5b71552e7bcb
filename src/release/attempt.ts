import { toSlipwayError } from '../errors.ts';
import { type ChangeSet, type ObjectChange, summarize } from '../model/change-set.ts';
import { flowOf } from '../model/flow.ts';
import { mergeChangeSets } from '../model/merge-change-sets.ts';
import type { RenderedObject } from '../model/object.ts';
import type { Desired, Release } from '../model/release.ts';
import type { ClusterRun, ClusterWork, LastRelease, RecordLine } from '../ports/cluster.ts';
import type { Permit } from '../ports/limiter.ts';
import type { ReleaseEnd } from '../ports/releases.ts';
import type { Attempt } from './attempt-state.ts';
import { fail } from './fail.ts';
import { fetchingWithoutPermit } from './fetching.ts';
import { isTaken, lastNumber, lineInForce, nextRecord } from './parent-record.ts';
import { acquirePermit } from './permit.ts';
import type { ReleasePorts } from './ports.ts';
import { pruneGuarded } from './prune.ts';
import { failureOf, refusalOf } from './refusal.ts';
import { removeTarget } from './remove-target.ts';
import { renderObjects } from './render-objects.ts';
import { takeoverRightOf } from './takeover.ts';
import { unhealthyEnd } from './unhealthy.ts';

/** Objects that are applied and not yet known to be healthy. */
interface Applied {
  run: ClusterRun;
  release: Release;
  objects: RenderedObject[];
  changeSet: ChangeSet;
}

/**
 * Renders, evaluates policies, applies, verifies, prunes and records. Resolves to how the release ended. Throws errors
 * that concern no object of the release (GIT_*, CLUSTER_*, LEASE_LOST, SUPERSEDED): the caller retries or ends it.
 */
export async function attempt(work: Attempt, ports: ReleasePorts): Promise<ReleaseEnd> {
  const waiting = AbortSignal.any([work.lease.signal, work.lease.newer]);
  await fetchDesired(work, ports, waiting);
  const flow = flowOf(ports.projects.projectOf(work.target.repository), work.desired.index);
  const permit = await acquirePermit(ports.limiter(work.target.cluster), flow, waiting);
  const mirrors = fetchingWithoutPermit(ports.mirrors, permit, waiting);
  const outcome = await renderAndApply(work, { ...ports, mirrors }, permit, waiting).finally(permit.release);
  return 'state' in outcome ? outcome : verifyAndRecord(work, outcome, ports, waiting);
}

/** Needs no permit: a forge that does not respond must not hold up the other releases of the cluster. */
async function fetchDesired({ target, desired, clock }: Attempt, ports: ReleasePorts, waiting: AbortSignal) {
  clock.start('rendering');
  await ports.mirrors.open(target.repository).ensure(desired.commit, waiting);
  clock.stop();
}

/** These stages load the machine and the cluster, so they need a permit. */
async function renderAndApply(
  work: Attempt,
  ports: ReleasePorts,
  permit: Permit,
  waiting: AbortSignal,
): Promise<Applied | ReleaseEnd> {
  const { target, desired, lease, clock } = work;
  const { signal, checkLease } = lease;
  const clusterWork = clusterWorkOf(work, ports);
  const cluster = ports.clusters.get(target.cluster);
  // Rendering would be in vain. Not sooner: a release that had a permit and waits holds no job slot.
  if (cluster.away) throw cluster.away.error;

  clock.start('rendering');
  const run = await cluster.open(clusterWork, waiting);
  work.changes = () => run.changes;
  work.parent = () => run.parent;
  const release = await startOrResume(work, run, ports);
  if (target.removed) return removeTarget(work, run, release, waiting, ports);
  const deployed = deployedLine(work, run);
  if (deployed && deployed.policyKey === release.policyKey) return { state: 'unchanged' };
  const tree = ports.mirrors.open(target.repository).tree(desired.commit);
  const { objects, refused, skipped, warnings } = await renderObjects(
    target,
    tree,
    cluster,
    ports,
    signal,
    () => enterStage(work, release, 'checking'),
  );

  work.warnings = warnings;
  const [first, ...more] = refused;
  if (first) return endRefused([first, ...more], skipped, ports, waiting);
  // The rules have changed and still allow the content. Its hooks must not run again.
  if (deployed) return { state: 'unchanged' };
  enterStage(work, release, 'applying');
  const waits = { signal: waiting, withoutPermit: waitWithoutPermit(work, release, permit) };
  const applied = await run.apply(objects, { signal, checkLease, waits });
  const changeSet = { changes: [...applied.changes, ...skipped] };
  const result: Applied = { run, release, objects, changeSet };
  const [failed, ...others] = applied.changes.filter(({ action }) => action === 'failed');
  if (failed) {
    const failure = await refusalOf([failed, ...others], ports, waiting);
    return fail(work, result, { failure, changeSet }, waiting);
  }
  const [firstUnhealthy, ...otherUnhealthy] = applied.unhealthy;
  if (!firstUnhealthy) return result;
  return fail(work, result, unhealthyEnd(target, [firstUnhealthy, ...otherUnhealthy], changeSet), waiting);
}

/** The cluster's record of this content, if it already runs and nobody requested a deploy. */
function deployedLine({ clean, desired }: Attempt, { record }: ClusterRun): RecordLine | undefined {
  if (!clean || desired.cause.kind === 'manual') return undefined;
  return lineInForce(record, desired.contentKey);
}

/** If the policy refuses an object, nothing is applied and no hook runs: hooks are objects of the same app. */
async function endRefused(
  refused: [ObjectChange, ...ObjectChange[]],
  skipped: ObjectChange[],
  ports: ReleasePorts,
  waiting: AbortSignal,
): Promise<ReleaseEnd> {
  const failure = await refusalOf(refused, ports, waiting);
  return { state: 'failed', failure, changeSet: { changes: [...refused, ...skipped] } };
}

function clusterWorkOf(work: Attempt, ports: ReleasePorts): ClusterWork {
  const { target, desired, tookFrom } = work;
  const run = { revision: desired.revision, fencingToken: work.lease.fencingToken };
  return {
    target,
    ...ports.admission.admit(target),
    releaseKey: releaseKey(desired),
    last: trustedRelease(work),
    takeoverRight: takeoverRightOf({ target, run, onTaking: (owner) => tookFrom.add(owner) }, ports),
  };
}

/** While the release waits for a wave or a hook, its state is `verifying` and other releases may use its permit. */
function waitWithoutPermit(work: Attempt, release: Release, permit: Permit): Permit['whileReleased'] {
  return async (wait) => {
    enterStage(work, release, 'verifying');
    const found = await permit.whileReleased(wait);
    enterStage(work, release, 'applying');
    return found;
  };
}

/** These stages mostly wait, so they need no permit. */
async function verifyAndRecord(
  work: Attempt,
  applied: Applied,
  ports: ReleasePorts,
  waiting: AbortSignal,
): Promise<ReleaseEnd> {
  const { run, release, objects, changeSet } = applied;
  const { target, lease, clock } = work;
  const { signal, checkLease } = lease;
  enterStage(work, release, 'verifying');
  const { timeoutMs, failFastMs } = target;
  const onReplaced = (change: ObjectChange) => void changeSet.changes.push(change);
  const options = { signal: waiting, timeoutMs, failFastMs, checkLease, onReplaced };
  const unhealthy = await run.verify(objects, options);
  const [first, ...others] = unhealthy;
  if (first) return fail(work, applied, unhealthyEnd(target, [first, ...others], changeSet), waiting);

  // Hooks run before the prune, so that a release whose own checks fail has deleted nothing.
  const waits = { signal: waiting, withoutPermit: <T>(wait: () => Promise<T>) => wait() };
  const hooks = await run.runHooks('post-deploy', objects, { signal, checkLease, waits });
  changeSet.changes.push(...hooks.changes);
  const broken = hooks.changes.find(({ action }) => action === 'failed');
  if (broken) return fail(work, applied, { failure: failureOf(broken), changeSet }, waiting);

  clock.start('pruning');
  const { changes, left, held, notices, ...pruned } = await pruneGuarded(work, run, objects, {
    ports,
    waits,
  });
  const unfinished = pruned.unfinished || left;
  changeSet.changes.push(...changes);
  await run.writeRecord(nextRecord(run.record, release, 'succeeded', new Date()), objects, checkLease);
  return { state: 'succeeded', held, unfinished, notices, changeSet };
}

/** Equal in all attempts, so that hooks run once per desired revision. */
function releaseKey({ contentKey, revision }: Desired): string {
  return `${contentKey}/${revision}`;
}

/** A manual deploy and a retry read all live objects from the API server. */
function trustedRelease({ desired, last, release }: Attempt): LastRelease | undefined {
  return desired.cause.kind === 'manual' || (release && release.attempts > 1) ? undefined : last;
}

/** Starts a numbered release, or resumes the one that a crash left open. */
async function startOrResume(work: Attempt, run: ClusterRun, ports: ReleasePorts): Promise<Release> {
  const { desired, lease, clock, losses } = work;
  // If Redis was emptied, a release that began before it reached the cluster may have a number that the cluster knows for another commit.
  const known = work.release && !isTaken(run.record, work.release) ? work.release : undefined;
  const start = () => ports.releases.start(desired, lastNumber(run.record), lease.fencingToken, losses);
  const release = known ?? { ...(await start()), ...identityOf(work.release) };
  Object.assign(clock.times, { ...release.times, ...clock.times });
  release.times = clock.times;
  release.policyKey = work.target.removed ? undefined : ports.policy.keyOf(work.target);
  release.namespace = work.target.namespace;
  work.release = release;
  enterStage(work, release, 'rendering');
  return release;
}

/** What stays if a release gets another number. */
function identityOf(release: Release | undefined): Partial<Release> {
  if (!release) return {};
  const { id, attempts, repetition } = release;
  return { id, attempts, repetition };
}

type Stage = 'rendering' | 'checking' | 'applying' | 'verifying';

function enterStage(work: Attempt, release: Release, state: Stage): void {
  work.clock.start(state);
  if (!work.repetition.reach(state)) return;
  release.state = state;
  release.failure = undefined;
  work.note(release);
}

/** The end of a release with an error that is not retried. */
export function failed(error: unknown): ReleaseEnd {
  return { state: 'failed', failure: toSlipwayError(error).failure };
}

/** The changes of all attempts. `last` is the change set of the last attempt, if it made one. */
export function changesOf(
  { earlier, changes, warnings }: Attempt,
  last = changes?.(),
): ChangeSet | undefined {
  const set = earlier ? mergeChangeSets(earlier, last ?? { changes: [] }) : last;
  return set && { ...set, warnings };
}

export function summaryOf(end: ReleaseEnd): string | undefined {
  return end.changeSet && summarize(end.changeSet);
}
