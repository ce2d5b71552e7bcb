import { SlipwayError } from '../errors.ts';
import type { PlanOutcome } from '../ports/planning.ts';

export function outcomeToJson<Value>(outcome: PlanOutcome<Value>): string {
  if (!('error' in outcome)) return JSON.stringify(outcome);
  const { code, message, hint, place, object, retryAfterMs } = outcome.error;
  return JSON.stringify({ error: { code, message, options: { hint, place, object, retryAfterMs } } });
}

/** Of text that this version has written: an outcome lives for a minute. */
export function outcomeFromJson<Value>(json: string): PlanOutcome<Value> {
  const read = JSON.parse(json);
  if (!('error' in read)) return read;
  const { code, message, options } = read.error;
  return { error: new SlipwayError(code, message, options) };
}
