import type { ChangeSet, ObjectChange } from './change-set.ts';
import { refKey } from './object.ts';

/**
 * What two attempts of one release did together. The later one finds the work of the earlier one done: if it left an
 * object alone, or never reached it, the earlier change is the release's.
 */
export function joined(earlier: ChangeSet, later: ChangeSet): ChangeSet {
  const done = new Map(earlier.changes.filter(didSomething).map((change) => [refKey(change.ref), change]));
  const changes = later.changes.map((change) => {
    const before = done.get(refKey(change.ref));
    done.delete(refKey(change.ref));
    return before ? joinedChange(before, change) : change;
  });
  return { changes: [...done.values(), ...changes] };
}

function didSomething({ action, attempted }: ObjectChange): boolean {
  return action === 'created' || action === 'configured' || action === 'pruned' || attempted !== undefined;
}

function joinedChange(earlier: ObjectChange, later: ObjectChange): ObjectChange {
  if (earlier.attempted && later.action === 'unchanged') return { ...later, action: earlier.attempted };
  if (later.action === 'unchanged' || later.action === 'skipped') return earlier;
  const isStillNew = earlier.action === 'created' && later.action === 'configured';
  return isStillNew ? { ...later, action: 'created', fields: [] } : later;
}
