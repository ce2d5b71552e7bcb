/**
 * Runs one at a time. Calls during a run share the next run: the present one may have read too early for what they need.
 */
export function nextRun<T>(run: () => Promise<T>): () => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  let next: Promise<T> | undefined;
  return () => {
    if (next) return next;
    const result = last.then(() => {
      next = undefined;
      return run();
    });
    next = result;
    last = result.catch(() => undefined);
    return result;
  };
}
