import { toSlipwayError } from '../errors.ts';
import type { ChangeSet, ObjectChange } from '../model/change-set.ts';
import type { Failure } from '../model/failure.ts';
import type { RenderedObject } from '../model/object.ts';
import type { Release } from '../model/release.ts';
import type { ClusterRun } from '../ports/cluster.ts';
import type { ReleaseEnd } from '../ports/releases.ts';
import type { Attempt } from './attempt-state.ts';
import { nextRecord } from './parent-record.ts';
import { failureOf, withDetails } from './refusal.ts';

/**
 * Runs the app's on-failure hooks, then records the failed release on the cluster. After that, an equal content key no
 * longer means that the content already runs.
 */
export async function fail(
  work: Attempt,
  { run, release, objects }: { run: ClusterRun; release: Release; objects: RenderedObject[] },
  { failure, changeSet }: { failure: Failure; changeSet: ChangeSet },
  waiting: AbortSignal,
): Promise<ReleaseEnd> {
  const { checkLease } = work.lease;
  const hooks = await onFailure(work, run, objects, waiting);
  await run.writeRecord(nextRecord(run.record, release, 'failed', new Date()), undefined, checkLease);
  return {
    state: 'failed',
    failure: hooks.failures.length > 0 ? withDetails(failure, { followedBy: hooks.failures }) : failure,
    changeSet: { changes: [...changeSet.changes, ...hooks.changes] },
  };
}

/** The failure of a hook is added to the failure of the release and never replaces it. */
async function onFailure(
  { lease }: Attempt,
  run: ClusterRun,
  objects: RenderedObject[],
  waiting: AbortSignal,
): Promise<{ changes: ObjectChange[]; failures: Failure[] }> {
  const { signal, checkLease } = lease;
  const waits = { signal: waiting, withoutPermit: <T>(wait: () => Promise<T>) => wait() };
  try {
    const { changes } = await run.runHooks('on-failure', objects, { signal, checkLease, waits });
    const failures = changes.filter(({ action }) => action === 'failed').map(failureOf);
    return { changes, failures };
  } catch (thrown) {
    const error = toSlipwayError(thrown);
    if (error.retryable || waiting.aborted) throw thrown;
    return { changes: [], failures: [error.failure] };
  }
}
