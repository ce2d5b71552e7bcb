import type { ObjectChange } from '../../model/change-set.ts';
import { type KubeObject, refOf } from '../../model/object.ts';
import { describeDeletion } from '../objects/gone.ts';
import type { Keep } from './prune-guard.ts';

export function pruned(object: KubeObject): ObjectChange {
  return { ref: refOf(object), action: 'pruned', fields: [] };
}

export function skipped(object: KubeObject, keep: Keep): ObjectChange {
  return { ref: refOf(object), action: 'skipped', fields: [], ...keep };
}

/** It is still there, and what goes after it has to wait. */
export function staying(object: KubeObject, reason: string, hint?: string): ObjectChange {
  return { ...skipped(object, { reason, hint }), stays: true };
}

/** A prune that a person has to confirm: `held` are the objects that it would delete. */
export function heldChange(object: KubeObject, held: KubeObject[], kept: Keep | undefined): ObjectChange {
  if (!held.includes(object)) {
    return kept ? skipped(object, kept) : staying(object, describeDeletion(object));
  }
  const what = held.length === 1 ? '1 object' : `${held.length} objects`;
  const reason = `held: ${what} would be deleted, which a person is to confirm`;
  return { ...skipped(object, { reason }), held: true };
}
