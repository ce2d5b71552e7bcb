import { SlipwayError } from '../errors.ts';
import type { TargetId } from '../model/target.ts';

/** What a script that compares the fencing token of a run has refused. */
export function leaseLost(target: TargetId): SlipwayError {
  return new SlipwayError('LEASE_LOST', `another run has taken over ${target}`);
}
