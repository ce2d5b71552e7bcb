import type { ChangeSet } from '../model/change-set.ts';
import type { Failure } from '../model/failure.ts';
import { refKey } from '../model/object.ts';
import type { SourcePlace } from '../model/source-place.ts';
import type { Target } from '../model/target.ts';
import type { Unhealthy } from '../ports/cluster.ts';
import { withMore } from './refusal.ts';

/**
 * Why a release failed that was applied and is not healthy: the failure of the first object, with the count of the
 * others. The changes of all of them carry their own.
 */
export function unhealthyEnd(
  target: Target,
  [first, ...others]: [Unhealthy, ...Unhealthy[]],
  changeSet: ChangeSet,
): { failure: Failure; changeSet: ChangeSet } {
  const places = new Map(changeSet.changes.map(({ ref, source }) => [refKey(ref), source]));
  const located = (one: Unhealthy) => locate(target, one, places.get(refKey(one.object)));
  const failures = new Map([first, ...others].map((one) => [refKey(one.object), located(one)]));
  return {
    changeSet: {
      changes: changeSet.changes.map((change) => {
        const failure = failures.get(refKey(change.ref));
        return failure ? { ...change, failure } : change;
      }),
    },
    failure: withMore(located(first), others.length),
  };
}

/** With the file, and the next step that depends on the target. */
function locate(target: Target, unhealthy: Unhealthy, place: SourcePlace | undefined): Failure {
  return { ...unhealthy, place, hint: hintFor(target, unhealthy) };
}

function hintFor({ timeoutMs }: Target, { details = {} }: Unhealthy): string {
  if (details.healthRule)
    return 'Correct the named expression, under health in slipway.yaml, and push again.';
  if (!details.late) return 'Correct what the reason names and push again.';
  return `Slipway waited ${timeoutMs / 1_000} s. If the app only takes longer, raise its timeout in slipway.yaml; else correct what the reason names and push again.`;
}
