import { SlipwayError } from '../../errors.ts';
import type { ObjectChange } from '../../model/change-set.ts';
import { describeRef } from '../../model/object.ts';
import type { PlannedObject } from '../plan/plan.ts';
import { sourceOf } from './object-change.ts';
import { ownerTarget } from './unapplied.ts';

/** Errors that another attempt may cure, and those of the run itself, end the apply; the others are the object's. */
export function concernsObject(error: unknown): boolean {
  return error instanceof SlipwayError && error.object !== undefined && !error.retryable;
}

export function failedChange(
  { ref, rendered }: Pick<PlannedObject, 'ref' | 'rendered'>,
  error: unknown,
): ObjectChange {
  const change: ObjectChange = { ref, source: sourceOf({ rendered }), action: 'failed', fields: [] };
  if (!(error instanceof SlipwayError)) return { ...change, reason: 'interrupted' };
  const named = `${describeRef(ref)}: `;
  const reason = error.message.startsWith(named) ? error.message.slice(named.length) : error.message;
  return { ...change, reason, hint: error.hint, ownedBy: ownerTarget(error) };
}

/**
 * The same for an object whose response may have been lost, so that a later attempt of the release that finds the object
 * as wanted can report it as its own work.
 */
export function interruptedChange(planned: PlannedObject, error: unknown): ObjectChange {
  const change = failedChange(planned, error);
  if (!(error instanceof SlipwayError) || error.code !== 'CLUSTER_UNREACHABLE') return change;
  return { ...change, attempted: planned.before ? 'configured' : 'created' };
}
