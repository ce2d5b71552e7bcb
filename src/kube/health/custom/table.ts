import type { HealthRule } from '../../../model/health-rule.ts';

/** How the kinds of one project are judged. */
export interface HealthTable {
  /** Its name, as people know it. */
  project: string;
  /** Addresses of the API reference that the states are from. */
  sources: string[];
  /** Rules by `Kind.group`, or a pattern as in slipway.yaml. */
  kinds: Record<string, Omit<HealthRule, 'kind'>>;
}

/** A kind without a status, or whose status says nothing that a release could wait for. */
export const nothingToWaitFor = { healthy: 'true', message: '"nothing to wait for"' };
