import type { ChangeSet, ObjectChange } from './change-set.ts';
import { refKey } from './object.ts';

/**
 * Merges the changes of two attempts of one release. The later attempt finds the changes of the earlier one in place: if
 * it did not change an object, or never reached it, the change of the earlier attempt counts.
 */
export function mergeChangeSets(earlier: ChangeSet, later: ChangeSet): ChangeSet {
  const done = new Map(earlier.changes.filter(didSomething).map((change) => [refKey(change.ref), change]));
  const changes = later.changes.map((change) => {
    const before = done.get(refKey(change.ref));
    done.delete(refKey(change.ref));
    return before ? mergeChange(before, change) : change;
  });
  return { changes: [...done.values(), ...changes] };
}

function didSomething({ action, attempted }: ObjectChange): boolean {
  return action === 'created' || action === 'configured' || action === 'pruned' || attempted !== undefined;
}

function mergeChange(earlier: ObjectChange, later: ObjectChange): ObjectChange {
  if (earlier.attempted && later.action === 'unchanged') return { ...later, action: earlier.attempted };
  if (later.action === 'unchanged' || later.action === 'skipped') return earlier;
  const isStillNew = earlier.action === 'created' && later.action === 'configured';
  return isStillNew ? { ...later, action: 'created', fields: [] } : later;
}
