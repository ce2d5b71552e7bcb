/** Epoch milliseconds with fractions: `Date.now()` is too coarse for a latency benchmark. */
export const now = (): number => performance.timeOrigin + performance.now();

/** RFC 3339 in whole seconds, as GitHub writes times. */
export const isoTime = (at: number): string => `${new Date(at).toISOString().slice(0, 19)}Z`;
