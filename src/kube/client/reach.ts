import { setTimeout as sleep } from 'node:timers/promises';
import { SlipwayError, toSlipwayError } from '../../errors.ts';
import { backoffMs } from '../../model/backoff.ts';
import type { Away } from '../../ports/cluster.ts';

/** A cluster that has not responded for so long is away: a restart of its API server mostly takes less. */
const AWAY_AFTER_MS = 5_000;

/** A request that waits for so long makes Slipway look whether the cluster responds at all. */
const SLOW_MS = 5_000;

/** Between two probes, at most: everything that waits for the cluster goes on within this time after its return. */
const LONGEST_PAUSE_MS = 5_000;

export interface ReachOptions {
  /** One request that any API server responds to, with a timeout of its own. */
  probe: (signal: AbortSignal) => Promise<unknown>;
  /** Called when the cluster is away (the reason), and when it responds again (undefined). */
  onChange?: ((away: SlipwayError | undefined) => void) | undefined;
  awayAfterMs?: number | undefined;
  slowMs?: number | undefined;
}

/** Whether one API server can be reached at all: a circuit (https://martinfowler.com/bliki/CircuitBreaker.html). */
export interface Reach {
  /** Undefined: it is not known to be away. */
  readonly away: Away | undefined;
  /** Sends one request, or rejects with `AwayError` at once while the cluster is away. */
  through<T>(send: () => Promise<T>): Promise<T>;
  close(): void;
}

/** CLUSTER_UNREACHABLE of a request that was not sent, because no other one gets a response either. */
export class AwayError extends SlipwayError {
  constructor({ message, hint }: SlipwayError) {
    super('CLUSTER_UNREACHABLE', message, { hint });
  }
}

/**
 * Only probes decide that the cluster is away, because a request that fails or hangs may be the fault of a webhook. They are
 * sent one at a time from the first failure on, until one gets a response.
 */
export function createReach(options: ReachOptions): Reach {
  const { probe, onChange, awayAfterMs = AWAY_AFTER_MS, slowMs = SLOW_MS } = options;
  const closing = new AbortController();
  let away: { error: SlipwayError; back: PromiseWithResolvers<void> } | undefined;
  let isLooking = false;

  function leave(error: SlipwayError): void {
    const isNew = away === undefined;
    away = { error, back: away?.back ?? Promise.withResolvers<void>() };
    if (isNew) onChange?.(error);
  }

  function comeBack(): void {
    const before = away;
    away = undefined;
    if (!before) return;
    onChange?.(undefined);
    before.back.resolve();
  }

  async function look(): Promise<void> {
    const since = performance.now();
    for (let tries = 1; !closing.signal.aborted; tries += 1) {
      const error = await failureOf(() => probe(closing.signal));
      if (error?.code !== 'CLUSTER_UNREACHABLE') return comeBack();
      if (performance.now() - since >= awayAfterMs) leave(error);
      const pause = Math.min(LONGEST_PAUSE_MS, backoffMs(tries, undefined));
      await sleep(pause, undefined, { signal: closing.signal, ref: false }).catch(() => undefined);
    }
  }

  function lookOnce(): void {
    if (isLooking) return;
    isLooking = true;
    void look().finally(() => {
      isLooking = false;
    });
  }

  return {
    get away() {
      return away && { error: new AwayError(away.error), back: away.back.promise };
    },
    async through(send) {
      if (away) throw new AwayError(away.error);
      const timer = setTimeout(lookOnce, slowMs);
      timer.unref();
      try {
        return await send();
      } catch (error) {
        if (toSlipwayError(error).code === 'CLUSTER_UNREACHABLE') lookOnce();
        throw error;
      } finally {
        clearTimeout(timer);
      }
    },
    close: () => closing.abort(),
  };
}

async function failureOf(probe: () => Promise<unknown>): Promise<SlipwayError | undefined> {
  try {
    await probe();
    return undefined;
  } catch (error) {
    return toSlipwayError(error);
  }
}
