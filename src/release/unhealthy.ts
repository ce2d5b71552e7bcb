import type { ChangeSet } from '../model/change-set.ts';
import type { Failure } from '../model/failure.ts';
import { refKey } from '../model/object.ts';
import type { SourcePlace } from '../model/source-place.ts';
import type { Target } from '../model/target.ts';
import type { Unhealthy } from '../ports/cluster.ts';
import { withMoreObjects } from './refusal.ts';

/**
 * The end of a release whose applied objects are not healthy: the failure of the first object and the number of the
 * others. The change of each unhealthy object has its own failure.
 */
export function unhealthyEnd(
  target: Target,
  [first, ...others]: [Unhealthy, ...Unhealthy[]],
  changeSet: ChangeSet,
): { failure: Failure; changeSet: ChangeSet } {
  const sources = new Map(changeSet.changes.map(({ ref, source }) => [refKey(ref), source]));
  const failureFor = (one: Unhealthy) => withSourceAndHint(target, one, sources.get(refKey(one.object)));
  const failures = new Map([first, ...others].map((one) => [refKey(one.object), failureFor(one)]));
  return {
    changeSet: {
      changes: changeSet.changes.map((change) => {
        const failure = failures.get(refKey(change.ref));
        return failure ? { ...change, failure } : change;
      }),
    },
    failure: withMoreObjects(failureFor(first), others.length),
  };
}

/** Adds the file and, if diagnosis knows no better one, the hint. */
function withSourceAndHint(target: Target, unhealthy: Unhealthy, place: SourcePlace | undefined): Failure {
  return { ...unhealthy, place, hint: unhealthy.hint ?? hintFor(target, unhealthy) };
}

function hintFor({ timeoutMs }: Target, { details = {} }: Unhealthy): string {
  if (details.healthRule)
    return 'Correct the named expression, under health in slipway.yaml, and push again.';
  if (!details.late) return 'Correct what the reason names and push again.';
  return `Slipway waited ${timeoutMs / 1_000} s. If the app only takes longer, raise its timeout in slipway.yaml. Otherwise, correct what the reason names and push again.`;
}
