import type { ObjectChange } from '../../model/change-set.ts';
import type { Notice } from '../../model/notice.ts';
import { type KubeObject, refOf } from '../../model/object.ts';
import { describeDeletion } from '../objects/gone.ts';

export function pruned(object: KubeObject): ObjectChange {
  return { ref: refOf(object), action: 'pruned', fields: [] };
}

export function skipped(object: KubeObject, notice: Notice): ObjectChange {
  return { ref: refOf(object), action: 'skipped', fields: [], notice };
}

/** It is still there, and what goes after it has to wait. */
export function staying(object: KubeObject, notice: Notice): ObjectChange {
  return { ...skipped(object, notice), stays: true };
}

/** Why an object is still there whose deletion was asked for. */
export function beingDeleted(object: KubeObject): Notice {
  return { kind: 'being-deleted', summary: describeDeletion(object) };
}

/** A prune that a person has to confirm: `held` are the objects that it would delete. */
export function heldChange(object: KubeObject, held: KubeObject[], kept: Notice | undefined): ObjectChange {
  if (!held.includes(object)) {
    return kept ? skipped(object, kept) : staying(object, beingDeleted(object));
  }
  const what = held.length === 1 ? '1 object' : `${held.length} objects`;
  const summary = `${what} would be deleted, which a person must confirm`;
  return { ...skipped(object, { kind: 'held', summary }), held: true };
}
