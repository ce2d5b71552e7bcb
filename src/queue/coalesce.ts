import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Enqueues at once, and then at most once in `everyMs` per name: the releases of one commit end within moments, and
 * one wake-up covers them. Resolves when the wake-up that covers the call is enqueued.
 */
export function coalesce<T>(
  everyMs: number,
  enqueue: (item: T) => Promise<void>,
): (name: string, item: T) => Promise<void> {
  const recent = new Map<string, Promise<void> | undefined>();

  function now(name: string, item: T): Promise<void> {
    recent.set(name, undefined);
    setTimeout(() => {
      if (recent.get(name) === undefined) recent.delete(name);
    }, everyMs).unref();
    return enqueue(item);
  }

  return (name, item) => {
    if (!recent.has(name)) return now(name, item);
    const covered = recent.get(name) ?? sleep(everyMs).then(() => now(name, item));
    recent.set(name, covered);
    return covered;
  };
}
