import { Queue } from 'bullmq';
import type { Cluster, Redis } from 'ioredis';
import { type AnyJob, type Outside, type QueueName, queueNames, queueOf, sharesOf } from './queues.ts';
import { addInTurn, type NewJob } from './turns.ts';

/** The queues of every kind of jobs, opened when they are first used. They share one connection. */
export interface ShareQueues {
  /** One round trip, however many jobs and queues. */
  add(name: QueueName, jobs: NewJob[]): Promise<void>;
  /** Jobs by kind and state: `waiting`, `active`, `delayed`. */
  counts(): Promise<Record<string, Record<string, number>>>;
  close(): Promise<void>;
}

export function createShareQueues(
  connection: Redis | Cluster,
  prefix: string,
  outside: Outside,
): ShareQueues {
  const open = new Map<string, Queue<AnyJob>>();

  function openQueue(name: QueueName, share: string | undefined): Queue<AnyJob> {
    const known = share !== undefined && sharesOf(name, outside).includes(share) ? share : undefined;
    const full = queueOf(name, known);
    const found = open.get(full);
    if (found) return found;
    const queue = new Queue<AnyJob>(full, { connection, prefix });
    // Without a listener BullMQ only prints; the connection's own listener already logs.
    queue.on('error', () => {});
    open.set(full, queue);
    // BullMQ keeps the result of its first command for ever: if Redis did not respond, the next use opens the queue again.
    queue.waitUntilReady().catch(() => forget(full, queue));
    return queue;
  }

  async function forget(full: string, queue: Queue<AnyJob>): Promise<void> {
    if (open.get(full) === queue) open.delete(full);
    await queue.close().catch(() => undefined);
  }

  async function countsOf(name: QueueName): Promise<Record<string, number>> {
    const shares = [undefined, ...sharesOf(name, outside)];
    const sum: Record<string, number> = {};
    for (const counts of await Promise.all(shares.map((share) => openQueue(name, share).getJobCounts()))) {
      for (const [found, count] of Object.entries(counts)) {
        // BullMQ's word for jobs that wait in an order; the others are those of dead workers.
        const state = found === 'prioritized' ? 'waiting' : found;
        sum[state] = (sum[state] ?? 0) + count;
      }
    }
    return sum;
  }

  return {
    async add(name, jobs) {
      const groups = Map.groupBy(jobs, ({ share }) => openQueue(name, share));
      await Promise.all([...groups].map(([queue, some]) => addInTurn(queue, prefix, some)));
    },
    async counts() {
      const entries = queueNames.map(async (name) => [name, await countsOf(name)] as const);
      return Object.fromEntries(await Promise.all(entries));
    },
    async close() {
      await Promise.all([...open.values()].map((queue) => queue.close()));
    },
  };
}
