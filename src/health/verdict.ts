import type { Health } from '../model/health.ts';

/**
 * Health with what a wait needs to know beyond it. Without a mark, `failed` may still mend itself (a crash loop,
 * an image that is pushed late), so that a wait gives it `failFastMs` before it ends.
 */
export interface Verdict extends Health {
  /** A failure that cannot mend itself, such as a failed Job: the wait ends at once. */
  final?: true;
  /**
   * What the object alone does not tell; a wait asks it of the cluster once (`verify-unsure.ts`).
   * `controller`: healthy, unless there is a controller that has not answered yet.
   * `binding`: a wait, unless the claim's class binds it only to its first pod.
   */
  inconclusive?: 'controller' | 'binding';
}

export function healthy(message: string): Verdict {
  return { state: 'healthy', message };
}

/** Healthy as far as the object tells. */
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

/** States that end a wait well. */
export function isSettled(verdict: Verdict): boolean {
  return ['healthy', 'suspended', 'scaled-to-zero'].includes(verdict.state);
}
