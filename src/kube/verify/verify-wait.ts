import type { VerifyOptions } from '../../ports/cluster.ts';
import type { Board } from './verify-board.ts';

export type Outcome = 'healthy' | 'failed' | 'timeout';

/** One wait for health. It checks whether it is over after each change. */
export interface Wait {
  /** Resolves once; rejects with the error of `fail` or the signal's reason. */
  readonly over: Promise<Outcome>;
  /** Must be called after every change of the board. */
  changed(): void;
  fail(error: unknown): void;
}

/**
 * Ends when all objects are healthy, when one has failed permanently or for `failFastMs` without interruption, at the
 * timeout, or when the signal aborts. It ends synchronously with the event.
 */
export function startWait(board: Board, options: VerifyOptions): Wait {
  const { signal, onProgress } = options;
  const { promise, resolve, reject } = Promise.withResolvers<Outcome>();
  let lastSummary = '';
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
    const left = remainingMs(board, options.failFastMs, performance.now());
    const outcome = decide(board, left);
    if (outcome) {
      end(() => resolve(outcome));
      return;
    }
    clearTimeout(failFast);
    failFast = left === undefined ? undefined : setTimeout(changed, left);
    const summary = board.summary();
    if (summary !== lastSummary) onProgress?.(summary);
    lastSummary = summary;
  };

  return { over: promise, changed, fail: (error) => end(() => reject(error)) };
}

function decide(board: Board, left: number | undefined): Outcome | undefined {
  if (board.pending().length === 0) return 'healthy';
  return left !== undefined && left <= 0 ? 'failed' : undefined;
}

/** Milliseconds until the first failing object has failed for `failFastMs`; undefined if none fails. */
function remainingMs(board: Board, failFastMs: number, now: number): number | undefined {
  const left = board.failing().map(({ verdict, failingSince }) => {
    if (verdict.state === 'failed' && verdict.final) return 0;
    return (failingSince ?? now) + failFastMs - now;
  });
  return left.length === 0 ? undefined : Math.min(...left);
}
