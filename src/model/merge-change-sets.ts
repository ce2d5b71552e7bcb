import type { ChangeAction, ChangeSet, ObjectChange } from './change-set.ts';
import { refKey } from './object.ts';

const DOING: ReadonlySet<ChangeAction> = new Set(['created', 'configured', 'recreated', 'pruned']);

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
  return DOING.has(action) || attempted !== undefined;
}

function mergeChange(earlier: ObjectChange, later: ObjectChange): ObjectChange {
  if (earlier.attempted && later.action === 'unchanged') return { ...later, action: earlier.attempted };
  if (later.action === 'unchanged' || later.action === 'skipped') return earlier;
  if (later.action !== 'configured') return later;
  if (earlier.action === 'created') return { ...later, action: 'created', fields: [] };
  return earlier.action === 'recreated' ? { ...later, action: 'recreated', notice: earlier.notice } : later;
}
