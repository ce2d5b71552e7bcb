import { setTimeout as sleep } from 'node:timers/promises';
import { SlipwayError } from '../../errors.ts';
import { isApiError, KubeApiError } from './api-error.ts';

export interface RetryOptions {
  signal: AbortSignal | undefined;
  /** False: only what the server surely did not perform is sent again (429, no connection). */
  idempotent: boolean;
  /** Milliseconds all repetitions together may wait. */
  budgetMs: number;
}

const firstPauseMs = 50;
const longestPauseMs = 4_000;
/** A 500 is mostly an admission webhook that fails: seldom better within seconds. */
const triesOnServerError = 3;

/**
 * Repeats what the cluster may answer better in a moment: short troubles end inside the request, long ones
 * come back as the last error and are the release's to repeat. `Retry-After` is honoured, with jitter on top
 * so that many waiting requests do not come back at once.
 */
export async function withRetry<T>(options: RetryOptions, attempt: () => Promise<T>): Promise<T> {
  const until = Date.now() + options.budgetMs;
  for (let tries = 0; ; tries += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (error instanceof KubeApiError) error.repeated = tries > 0;
      const pause = pauseFor(error, tries, options.idempotent);
      if (pause === undefined || Date.now() + pause > until) throw error;
      await sleep(pause, undefined, options.signal ? { signal: options.signal } : {}).catch(() => undefined);
      options.signal?.throwIfAborted();
    }
  }
}

function pauseFor(error: unknown, tries: number, idempotent: boolean): number | undefined {
  if (!(error instanceof SlipwayError)) return undefined;
  if (error.code !== 'CLUSTER_BUSY' && error.code !== 'CLUSTER_UNREACHABLE') return undefined;
  if (!idempotent && !surelyNotPerformed(error)) return undefined;
  if (isApiError(error, 500) && tries >= triesOnServerError) return undefined;
  const growing = Math.min(longestPauseMs, firstPauseMs * 2 ** tries);
  return (error.retryAfterMs ?? growing / 2) + growing * Math.random();
}

function surelyNotPerformed(error: SlipwayError): boolean {
  if (isApiError(error, 429)) return true;
  return error.cause instanceof Error && 'code' in error.cause && error.cause.code === 'ECONNREFUSED';
}
