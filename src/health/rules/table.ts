import type { HealthRule } from '../../model/health-rule.ts';

/** A rule without the kind it is for. */
export type KindRule = Omit<HealthRule, 'kind'>;

/** How the kinds of one project are judged. */
export interface HealthTable {
  /** Its name, as people know it. */
  project: string;
  /** Addresses of the API reference that the states are from. */
  sources: string[];
  /** Rules by `Kind.group`, or a pattern as in slipway.yaml. */
  kinds: Record<string, KindRule>;
}

/** A kind without a status, or whose status says nothing that a release could wait for. */
export const nothingToWaitFor: KindRule = { healthy: 'true', message: '"nothing to wait for"' };

/** Ready as the API conventions mean it, of a controller that says `False` only when something is wrong. */
export const readyOrFailing: KindRule = {
  failing: 'conditions.Ready.status == "False"',
  healthy: 'conditions.Ready.status == "True"',
};

/**
 * The same of a controller that says `False` also while it waits for what is deployed beside the object, such as
 * topics of a cluster that starts: the wait goes on until its timeout.
 */
export const readyOrWaiting: KindRule = { healthy: 'conditions.Ready.status == "True"' };

/** `phase: message`, for kinds that keep both outside conditions. */
export const phaseAndMessage =
  'status.phase + (has(status.message) && status.message != "" ? ": " + status.message : "")';

/** The same rule for several kinds. */
export function each(kinds: string[], rule: KindRule): Record<string, KindRule> {
  return Object.fromEntries(kinds.map((kind) => [kind, rule]));
}
