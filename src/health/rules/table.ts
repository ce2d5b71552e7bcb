import type { HealthRule } from '../../model/health-rule.ts';

/** A health rule without its kind. */
export type KindRule = Omit<HealthRule, 'kind'>;

/** The health rules for the kinds of one project. */
export interface HealthTable {
  /** The project's name, for `docs/health.md`. */
  project: string;
  /** URLs of the API reference that defines the states. */
  sources: string[];
  /** Rules by `Kind.group` or by a pattern, as in slipway.yaml. */
  kinds: Record<string, KindRule>;
}

/** For a kind without a status, or with one that a release need not wait for. */
export const nothingToWaitFor: KindRule = { healthy: 'true', message: '"nothing to wait for"' };

/** For a controller that sets `Ready: False` only if something is wrong. */
export const readyOrFailing: KindRule = {
  failing: 'conditions.Ready.status == "False"',
  healthy: 'conditions.Ready.status == "True"',
};

/**
 * For a controller that sets `Ready: False` also while it waits for other objects, as topics wait for their cluster: the
 * object is progressing until it is ready or the wait times out.
 */
export const readyOrWaiting: KindRule = { healthy: 'conditions.Ready.status == "True"' };

/** `phase: message`, for kinds that report these fields and no conditions. */
export const phaseAndMessage =
  'status.phase + (has(status.message) && status.message != "" ? ": " + status.message : "")';

/** The same rule for several kinds. */
export function each(kinds: string[], rule: KindRule): Record<string, KindRule> {
  return Object.fromEntries(kinds.map((kind) => [kind, rule]));
}
