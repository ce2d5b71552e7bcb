import { SlipwayError, toSlipwayError } from '../errors.ts';
import type { PlanOutcome } from '../ports/planning.ts';

/** The outcome of a plan that threw. */
export function failedOutcome(thrown: unknown): PlanOutcome<never> {
  const { failure, retryAfterMs } = toSlipwayError(thrown);
  return { failure, retryAfterMs };
}

/** The value; throws the failure. */
export function unwrap<Value>(outcome: PlanOutcome<Value>): Value {
  if (!('failure' in outcome)) return outcome.value;
  const { code, summary, ...options } = outcome.failure;
  throw new SlipwayError(code, summary, { ...options, retryAfterMs: outcome.retryAfterMs });
}
