import type { Health } from '../model/health.ts';

/**
 * Health, with what a wait needs besides the state. A `failed` object without `final` may still recover (a crash
 * loop, an image that is pushed late), so a wait gives it `failFastMs` before it ends.
 */
export interface Verdict extends Health {
  /** The object cannot recover, as a failed Job cannot: the wait ends at once. */
  final?: true;
  /**
   * What the object alone cannot tell; a wait reads it from the cluster once (`kube/verify/inconclusive.ts`).
   * `controller`: healthy, unless a controller exists that has not written its status yet.
   * `binding`: progressing, unless the storage class binds a claim only when its first pod is scheduled.
   */
  inconclusive?: 'controller' | 'binding';
  /** An expression of the rule cannot be evaluated; the message says why. */
  isRuleBroken?: true;
}

export function healthy(message: string): Verdict {
  return { state: 'healthy', message };
}

/** Healthy, unless the cluster has a controller that has not reported yet. */
export function assumedHealthy(message: string): Verdict {
  return { state: 'healthy', message, inconclusive: 'controller' };
}

export function progressing(message: string): Verdict {
  return { state: 'progressing', message };
}

export function failed(message: string): Verdict {
  return { state: 'failed', message };
}

export function failedPermanently(message: string): Verdict {
  return { state: 'failed', message, final: true };
}

export function suspended(message: string): Verdict {
  return { state: 'suspended', message };
}

export function scaledToZero(message: string): Verdict {
  return { state: 'scaled-to-zero', message };
}

export function terminating(message: string): Verdict {
  return { state: 'terminating', message };
}

/** Whether a wait ends successfully at this verdict. */
export function isSettled(verdict: Verdict): boolean {
  return ['healthy', 'suspended', 'scaled-to-zero'].includes(verdict.state);
}
