import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster, Redis } from 'ioredis';

/** An event written between a read and the wait that follows it is found after this time. */
const LOOK_MS = 1_000;

/**
 * Resolves when an event was written, or after a second; whoever waits at the same time shares one command. It blocks
 * its connection, so the connection is this one's own. Ends with `signal`.
 */
export function createArrivals(
  connection: Redis | Cluster,
  stream: string,
  signal: AbortSignal,
): () => Promise<void> {
  let waiting: Promise<void> | undefined;

  async function wait(): Promise<void> {
    try {
      await connection.xread('BLOCK', LOOK_MS, 'STREAMS', stream, '$');
    } catch {
      await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  return () => {
    waiting ??= wait().finally(() => {
      waiting = undefined;
    });
    return waiting;
  };
}
