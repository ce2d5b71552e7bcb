const FIRST_MS = 500;
const MAX_MS = 30_000;

/**
 * Milliseconds to wait before attempt `attempt + 1`. The delay doubles from 500 ms to 30 s with up to 50 % jitter, and is
 * at least `retryAfterMs`.
 */
export function backoffMs(attempt: number, retryAfterMs: number | undefined): number {
  const longest = Math.min(FIRST_MS * 2 ** Math.min(attempt - 1, 10), MAX_MS);
  return Math.max(retryAfterMs ?? 0, longest * (0.5 + Math.random() / 2));
}
