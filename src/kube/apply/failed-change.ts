import { SlipwayError } from '../../errors.ts';
import type { ObjectChange } from '../../model/change-set.ts';
import type { Failure } from '../../model/failure.ts';
import type { PlannedObject } from '../plan/plan.ts';

/** Errors that another attempt may cure, and those of the run itself, end the apply; the others are the object's. */
export function concernsObject(error: unknown): boolean {
  return error instanceof SlipwayError && error.object !== undefined && !error.retryable;
}

export function failedChange(
  { ref, rendered: { source } }: Pick<PlannedObject, 'ref' | 'rendered'>,
  error: unknown,
): ObjectChange {
  const failure: Failure =
    error instanceof SlipwayError ? error.failure : { code: 'INTERNAL', summary: 'interrupted' };
  const located = { ...failure, object: ref, place: failure.place ?? source };
  return { ref, source, action: 'failed', fields: [], failure: located };
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
