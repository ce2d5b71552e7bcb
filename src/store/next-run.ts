/**
 * Work of which one run is under way at a time. Who asks meanwhile shares the next run with all others who do: one
 * that has begun may not have seen what they came for.
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
