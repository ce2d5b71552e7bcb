import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Rings at once, and then at most once in `everyMs` for each name: the releases of one commit end within moments,
 * and one bell says so for all. Resolves when the bell that covers the call is rung.
 */
export function together<T>(
  everyMs: number,
  enqueue: (item: T) => Promise<void>,
): (name: string, item: T) => Promise<void> {
  const lately = new Map<string, Promise<void> | undefined>();

  function now(name: string, item: T): Promise<void> {
    lately.set(name, undefined);
    setTimeout(() => {
      if (lately.get(name) === undefined) lately.delete(name);
    }, everyMs).unref();
    return enqueue(item);
  }

  return (name, item) => {
    if (!lately.has(name)) return now(name, item);
    const covered = lately.get(name) ?? sleep(everyMs).then(() => now(name, item));
    lately.set(name, covered);
    return covered;
  };
}
