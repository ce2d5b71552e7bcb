import { toSlipwayError } from '../errors.ts';
import type { RenderedObject } from '../model/object.ts';
import type { Release } from '../model/release.ts';
import type { ClusterRun } from '../ports/cluster.ts';
import type { ReleaseEnd } from '../ports/releases.ts';
import type { Attempt } from './attempt.ts';
import { nextRecord } from './parent-record.ts';
import { aboutChange } from './refusal.ts';

/**
 * Runs the app's hooks for a failure, then remembers the failed release on the cluster too: an equal key no longer
 * means that it runs.
 */
export async function fail(
  work: Attempt,
  { run, release, objects }: { run: ClusterRun; release: Release; objects: RenderedObject[] },
  end: Omit<ReleaseEnd, 'state'>,
  waiting: AbortSignal,
): Promise<ReleaseEnd> {
  const { checkLease } = work.lease;
  const hooks = await onFailure(work, run, objects, waiting);
  await run.writeRecord(nextRecord(run.record, release, 'failed', new Date()), undefined, checkLease);
  const reason = [end.reason, ...hooks.failures].filter(Boolean).join('; ');
  const changeSet = end.changeSet && { changes: [...end.changeSet.changes, ...hooks.changes] };
  return { state: 'failed', ...end, reason, changeSet };
}

/** What such a hook may not do is told beside the reason of the failure, never in its place. */
async function onFailure(
  { target, lease }: Attempt,
  run: ClusterRun,
  objects: RenderedObject[],
  waiting: AbortSignal,
) {
  const { signal, checkLease } = lease;
  const waits = { signal: waiting, aside: <T>(wait: () => Promise<T>) => wait() };
  try {
    const { changes } = await run.runHooks('on-failure', objects, { signal, checkLease, waits });
    const failures = changes
      .filter(({ action }) => action === 'failed')
      .map((change) => `its hook for a failure failed too: ${aboutChange(target, change)}`);
    return { changes, failures };
  } catch (thrown) {
    const error = toSlipwayError(thrown);
    if (error.retryable || waiting.aborted) throw thrown;
    return { changes: [], failures: [`its hooks for a failure could not be run: ${error.message}`] };
  }
}
