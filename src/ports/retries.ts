import type { DeployWakeUp } from './wake-ups.ts';

/** Targets whose release failed with what may pass: a cluster or a forge that does not respond. */
export interface Retries {
  /**
   * Those that are due for another attempt: of many behind one cluster or forge only a few, until one of them has
   * shown that it responds again.
   */
  take(): Promise<DeployWakeUp[]>;
}
