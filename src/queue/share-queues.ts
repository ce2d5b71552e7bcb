import { type Job, type JobsOptions, Queue } from 'bullmq';
import type { Cluster, Redis } from 'ioredis';
import { type JobOf, type Outside, type QueueName, queueNames, queueOf, sharesOf } from './queues.ts';

export type AnyJob = JobOf[QueueName];

export interface NewJob {
  /** The forge or cluster that the job waits for; undefined: none. */
  share: string | undefined;
  data: AnyJob;
  options: JobsOptions;
}

/** The queues of every kind of jobs, opened when they are first used. They share one connection. */
export interface ShareQueues {
  /** One round trip, however many jobs and queues. Resolves to the jobs in no particular order. */
  add(name: QueueName, jobs: NewJob[]): Promise<Job<AnyJob>[]>;
  /** Jobs by kind and state. */
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
    return queue;
  }

  async function countsOf(name: QueueName): Promise<Record<string, number>> {
    const shares = [undefined, ...sharesOf(name, outside)];
    const sum: Record<string, number> = {};
    for (const counts of await Promise.all(shares.map((share) => openQueue(name, share).getJobCounts()))) {
      for (const [state, count] of Object.entries(counts)) sum[state] = (sum[state] ?? 0) + count;
    }
    return sum;
  }

  return {
    async add(name, jobs) {
      const groups = Map.groupBy(jobs, ({ share }) => openQueue(name, share));
      const added = [...groups].map(([queue, some]) =>
        queue.addBulk(some.map(({ data, options }) => ({ name: 'wake-up', data, opts: options }))),
      );
      return (await Promise.all(added)).flat();
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
