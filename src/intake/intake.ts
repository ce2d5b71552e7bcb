import { SlipwayError, toSlipwayError } from '../errors.ts';
import type { Delivery } from '../model/delivery.ts';
import type { Cause } from '../model/release.ts';
import type { RepositoryId } from '../model/target.ts';
import type { Found, Moved } from '../ports/desired.ts';
import type { RepositoryState } from '../ports/repositories.ts';
import type { Recorded } from './cluster-records.ts';
import { branchOf, endDeliveries, endUnfollowed, failDeliveries } from './end-deliveries.ts';
import { withRemoved } from './find-removed.ts';
import { findTargets } from './find-targets.ts';
import type { BranchFinding } from './finding.ts';
import { type Heads, lookAtHeads } from './heads.ts';
import type { IntakePorts } from './ports.ts';
import { recallReports } from './recall-reports.ts';
import { reportHeads } from './report-heads.ts';
import { isRewritten } from './rewritten-heads.ts';
import { type Settled, settleDependencies } from './settle-dependencies.ts';
import { announcedAhead } from './stale-heads.ts';

export interface IntakeResult {
  /** `late`: an intake that began later has already written. */
  result: 'moved' | 'unmoved' | 'failed' | 'late';
  targets: number;
}

interface Look {
  heads: Heads;
  findings: BranchFinding[];
  /** What the clusters know of the repository, if Redis has not known it since. */
  recorded: Recorded;
}

/**
 * Looks at a repository once: heads from Git → slipway.yaml → targets whose content or policy key changed → desired
 * revisions. Throws only retryable errors; the deliveries then stay waiting, so none is lost.
 */
export async function intake(
  repository: RepositoryId,
  ports: IntakePorts,
  signal: AbortSignal,
): Promise<IntakeResult> {
  const [claimed, state, requestedAt, sequence] = await Promise.all([
    ports.deliveries.claim(repository),
    ports.repositories.read(repository),
    ports.repositories.lookRequestedAt(repository),
    // Before the fetch: an intake that stalls has a lower number than the one that overtakes it.
    ports.desired.nextSequence(repository),
  ]);
  const waiting = await endUnfollowed(claimed, state, ports);
  if (claimed.length > 0 && waiting.length === 0 && requestedAt === null) {
    return { result: 'unmoved', targets: 0 };
  }
  // The payload's commit decides nothing. It is usually the head, so fetching it early saves a round trip.
  const announced = waiting.findLast(({ commit }) => commit !== undefined)?.commit;
  const looked = await look(repository, state, ports, signal, announced);
  if (looked instanceof SlipwayError) {
    await ports.repositories.settleLook(repository, requestedAt);
    await failDeliveries(repository, waiting, looked, ports);
    return { result: 'failed', targets: 0 };
  }
  const { heads, recorded } = looked;
  // Before the targets move, so that a dependency whose release ends at once finds its dependents.
  const settled = await settleDependencies(repository, sequence, looked.findings, ports.dependencies, signal);
  const findings = settled?.findings ?? [];
  const found = foundOf(findings, waiting, state);
  const written = settled && (await ports.desired.setDesired(repository, sequence, found));
  if (!written) return { result: 'late', targets: 0 };

  // Deploys are enqueued first, so that reports do not delay them.
  await enqueueMoved(repository, written, settled, ports);
  // An intake that crashed between two steps has moved them already, and nothing was reported.
  const moved = written.filter(({ effect, branch }) => effect !== 'again' || isNew(branch, heads, state));
  await recallReports(repository, findings, recorded.records, ports, signal);
  const before = { state, isRedefined: state?.config !== heads.text };
  await reportHeads(repository, findings, moved, before, ports);
  if (await isRewritten(repository, findings, state, ports)) {
    await ports.desired.advance(repository, sequence, found);
  }
  const ahead = await announcedAhead(repository, waiting, findings, ports, signal);
  // The poll takes a head for missed if no delivery waits for it and it is not written: it is written first.
  await ports.repositories.write(repository, sequence, {
    defaultBranch: heads.defaultBranch,
    heads: Object.fromEntries(heads.heads),
    config: heads.text,
    isUnrecalled: !recorded.isComplete,
  });
  await endDeliveries(
    repository,
    waiting.filter((delivery) => !ahead.includes(delivery)),
    heads,
    findings,
    moved,
    ports,
  );
  await ports.repositories.settleLook(repository, requestedAt);
  if (ahead[0]) throw behind(repository, ahead[0]);
  const { length } = moved.filter(({ effect }) => effect !== 'followed');
  return { result: length > 0 ? 'moved' : 'unmoved', targets: length };
}

/** Enqueues what moved, what now waits for something else, and repositories that the old dependencies had refused. */
async function enqueueMoved(
  repository: RepositoryId,
  moved: Moved[],
  { changed, retry, version, findings }: Settled,
  { wakeUps, dependencies, repositories }: IntakePorts,
): Promise<void> {
  const due = moved.filter(({ effect }) => effect !== 'followed');
  const known = new Set(due.map(({ target }) => target));
  const found = findings.flatMap(({ targets }) => targets.map(({ target }) => target));
  const others = found.filter(({ id }) => changed.has(id) && !known.has(id));
  const targets = [
    ...due,
    ...others.map(({ id, cluster }, i) => ({ target: id, cluster, index: due.length + i })),
  ];
  if (targets.length > 0) await wakeUps.enqueueDeploys(targets);
  if (retry.length === 0) return;
  await repositories.requestLook(retry);
  await wakeUps.enqueueIntake(retry);
  await dependencies.enqueued(repository, version);
}

/** Reads the repository from Git. Returns an error that is not retryable as a value. */
async function look(
  repository: RepositoryId,
  state: RepositoryState | undefined,
  ports: IntakePorts,
  signal: AbortSignal,
  announced: string | undefined,
): Promise<Look | SlipwayError> {
  try {
    const heads = await lookAtHeads(ports.mirrors.open(repository), state, ports.configs, signal, announced);
    const found = await findTargets(repository, heads, ports);
    const isRecalled = state && !state.isUnrecalled;
    const recorded = isRecalled ? { records: [], isComplete: true } : await ports.records.of(repository);
    const findings = await withRemoved(repository, heads, found, recorded.records, ports);
    return { heads, recorded, findings };
  } catch (error) {
    const known = toSlipwayError(error);
    if (known.retryable) throw error;
    return known;
  }
}

function isNew(branch: string, { heads }: Heads, state: RepositoryState | undefined): boolean {
  return state?.heads[branch] !== heads.get(branch);
}

function behind(repository: RepositoryId, { ref, commit }: Delivery): SlipwayError {
  return new SlipwayError('GIT_UNREACHABLE', `${repository} does not show ${commit} on ${ref} yet`);
}

function foundOf(
  findings: BranchFinding[],
  waiting: Delivery[],
  state: RepositoryState | undefined,
): Found[] {
  return findings.flatMap((finding) => {
    if (finding.invalid) return [];
    const cause = causeOf(finding.branch, waiting);
    // A redelivered webhook asks for failed targets to be retried.
    const retry = waiting.some(({ ref, repeats }) => repeats > 0 && branchOf(ref) === finding.branch);
    const since = state?.heads[finding.branch];
    return finding.targets.map((target) => ({ ...target, since, cause, retry }));
  });
}

/** The newest delivery of the branch names who caused the change. */
function causeOf(branch: string, waiting: Delivery[]): Cause {
  const delivery = waiting.findLast(({ ref }) => branchOf(ref) === branch);
  if (!delivery) return { kind: 'poll' };
  return { kind: delivery.kind === 'poll' ? 'poll' : 'push', by: delivery.sender, delivery: delivery.id };
}
