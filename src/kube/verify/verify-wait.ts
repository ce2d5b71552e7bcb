import type { VerifyOptions } from '../../ports/cluster.ts';
import type { Board } from './verify-board.ts';

export type Outcome = 'healthy' | 'failed' | 'timeout';

/** One wait: told that something changed, it decides whether it is over. */
export interface Wait {
  /** Resolves once; rejects with the error of `fail` or the signal's reason. */
  readonly over: Promise<Outcome>;
  /** To be called after every change of the board. */
  changed(): void;
  fail(error: unknown): void;
}

/**
 * Over when all objects are healthy, when one has failed for good or for `failFastMs` without a break, at the
 * timeout, or when the signal aborts: each time at once, in the same turn as the event.
 */
export function startWait(board: Board, options: VerifyOptions): Wait {
  const { signal, onProgress } = options;
  const { promise, resolve, reject } = Promise.withResolvers<Outcome>();
  let said = '';
  let ended = false;
  let failFast: NodeJS.Timeout | undefined;

  const timeout = setTimeout(() => end(() => resolve('timeout')), options.timeoutMs);
  const abort = () => end(() => reject(signal.reason));
  signal.addEventListener('abort', abort, { once: true });

  const end = (settle: () => void): void => {
    ended = true;
    clearTimeout(timeout);
    clearTimeout(failFast);
    signal.removeEventListener('abort', abort);
    settle();
  };

  const changed = (): void => {
    if (ended) return;
    const left = patience(board, options.failFastMs, Date.now());
    const outcome = decide(board, left);
    if (outcome) {
      end(() => resolve(outcome));
      return;
    }
    clearTimeout(failFast);
    failFast = left === undefined ? undefined : setTimeout(changed, left);
    const summary = board.summary();
    if (summary !== said) onProgress?.(summary);
    said = summary;
  };

  return { over: promise, changed, fail: (error) => end(() => reject(error)) };
}

function decide(board: Board, left: number | undefined): Outcome | undefined {
  if (board.pending().length === 0) return 'healthy';
  return left !== undefined && left <= 0 ? 'failed' : undefined;
}

/** Milliseconds until the first failing object has failed for too long; undefined where none fails. */
function patience(board: Board, failFastMs: number, now: number): number | undefined {
  const left = board.failing().map(({ verdict, failingSince }) => {
    if (verdict.state === 'failed' && verdict.final) return 0;
    return (failingSince ?? now) + failFastMs - now;
  });
  return left.length === 0 ? undefined : Math.min(...left);
}
