import { setTimeout as sleep } from 'node:timers/promises';
import { SlipwayError } from '../../errors.ts';
import { isApiError, isUnconvertible, KubeApiError } from './api-error.ts';
import { AwayError } from './reach.ts';

export interface RetryOptions {
  signal: AbortSignal | undefined;
  /** False: a request is sent again only if the server did not perform it (429, connection refused). */
  idempotent: boolean;
  /** Milliseconds that all retries together may wait. */
  budgetMs: number;
}

const firstPauseMs = 50;
const longestPauseMs = 4_000;
/** A 500 mostly comes from a failing webhook of admission or conversion, which seldom recovers within seconds. */
const triesOnServerError = 3;

/**
 * Retries CLUSTER_BUSY and CLUSTER_UNREACHABLE until the budget is used up, then rejects with the last error; the release
 * is then retried as a whole. A cluster that is known to be away ends the retries. Honours `Retry-After` and adds jitter, so that waiting requests do not all return at once.
 */
export async function withRetry<T>(options: RetryOptions, attempt: () => Promise<T>): Promise<T> {
  const until = performance.now() + options.budgetMs;
  for (let tries = 0; ; tries += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (error instanceof KubeApiError) error.repeated = tries > 0;
      const pause = pauseFor(error, tries, options.idempotent);
      if (pause === undefined || performance.now() + pause > until) throw error;
      await sleep(pause, undefined, options.signal ? { signal: options.signal } : {}).catch(() => undefined);
      options.signal?.throwIfAborted();
    }
  }
}

function pauseFor(error: unknown, tries: number, idempotent: boolean): number | undefined {
  if (!(error instanceof SlipwayError) || error instanceof AwayError) return undefined;
  if (error.code !== 'CLUSTER_BUSY' && error.code !== 'CLUSTER_UNREACHABLE') return undefined;
  if (!idempotent && !wasNotPerformed(error)) return undefined;
  if ((isApiError(error, 500) || isUnconvertible(error)) && tries >= triesOnServerError) return undefined;
  const backoff = Math.min(longestPauseMs, firstPauseMs * 2 ** tries);
  // What cannot be converted is no busy server: its `Retry-After` (30 s) is for the whole store of the kind.
  const asked = isUnconvertible(error) ? undefined : error.retryAfterMs;
  return (asked ?? backoff / 2) + backoff * Math.random();
}

function wasNotPerformed(error: SlipwayError): boolean {
  if (isApiError(error, 429)) return true;
  return error.cause instanceof Error && 'code' in error.cause && error.cause.code === 'ECONNREFUSED';
}
