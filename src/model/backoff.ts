const FIRST_MS = 500;
const LONGEST_MS = 30_000;

/** Milliseconds before the next try: doubling, with up to half of it at random, never below what the other side asked. */
export function backoffMs(attempt: number, retryAfterMs: number | undefined): number {
  const full = Math.min(FIRST_MS * 2 ** Math.min(attempt - 1, 10), LONGEST_MS);
  return Math.max(retryAfterMs ?? 0, full * (0.5 + Math.random() / 2));
}
