import type { Redis } from 'ioredis';
import { beforeEach, describe, expect, it } from 'vitest';
import { SlipwayError } from '../../../src/errors.ts';
import type { WakeUps } from '../../../src/ports/wake-ups.ts';
import type { QueueName } from '../../../src/queue/queues.ts';
import type { WorkerOptions } from '../../../src/queue/worker.ts';
import { eventually } from '../../support/slipway.ts';
import { openQueues, type QueuesUnderTest, type Run } from './queue-under-test.ts';

let queues: QueuesUnderTest;
let redis: Redis;
let prefix: string;
let wakeUps: WakeUps;

beforeEach(() => {
  queues = openQueues();
  ({ redis, prefix, wakeUps } = queues);
});

const deployWorker = (run: Run<'deploy'>, more: Partial<WorkerOptions<'deploy'>> = {}) =>
  workerOf('deploy', run, more);

function workerOf<Name extends QueueName>(
  name: Name,
  run: Run<Name>,
  more: Partial<WorkerOptions<Name>> = {},
) {
  return queues.worker(name, run, more);
}

/** Starts a worker that records the targets in the order in which it gets them. */
function recordingWorker(): string[] {
  const order: string[] = [];
  deployWorker(async ({ target }) => void order.push(target));
  return order;
}

const counts = (name: QueueName) => queues.counts(name);
const push = (...targets: string[]) => pushTo('prod', ...targets);
const pushTo = (cluster: string, ...targets: string[]) =>
  wakeUps.enqueueDeploys(targets.map((target, index) => ({ target, cluster, index })));
const many = Array.from({ length: 50 }, (_, i) => `app-${i}`);

describe('wake-ups', () => {
  it('are deduplicated while their job waits', async () => {
    for (let i = 0; i < 5; i += 1) await push('web');
    await push('last');
    const order = recordingWorker();
    await eventually('the last job', async () => order.includes('last'));
    expect(order).toEqual(['web', 'last']);
  });

  it('make a job run once more if they come while it runs', async () => {
    let runs = 0;
    const enqueued = Promise.withResolvers<void>();
    deployWorker(async () => {
      runs += 1;
      await enqueued.promise;
    });
    await push('web');
    await eventually('the first run', async () => runs === 1);
    await push('web');
    await push('web');
    enqueued.resolve();
    await eventually('the second run', async () => runs === 2);
    await eventually('the end of it', async () =>
      Object.values(await counts('deploy')).every((n) => n === 0),
    );
    expect(runs).toBe(2);
  });

  it('of a push of one target overtake those of a push of many', async () => {
    await push(...many);
    await push('fix');
    const order = recordingWorker();
    await eventually('all', async () => order.length === 51);
    expect(order.indexOf('fix')).toBeLessThan(2);
  });

  it('of a push of one target overtake even if that target waits already', async () => {
    await push(...many);
    await push('app-49');
    const order = recordingWorker();
    await eventually('all', async () => order.length === 50);
    expect(order.indexOf('app-49')).toBeLessThan(2);
  });

  it('end the back-off after a failure, so that a fix does not wait for the retries of what it repairs', async () => {
    let runs = 0;
    deployWorker(async () => {
      runs += 1;
      throw new SlipwayError('CLUSTER_UNREACHABLE', 'away', { retryAfterMs: 3_600_000 });
    });
    await push('web');
    await eventually('the pause', async () => (await counts('deploy')).delayed === 1);
    expect(runs).toBe(1);
    await push('web');
    await eventually('the second run', async () => runs === 2);
  });

  it('without a delay replace delayed ones, so that a report that soon changes again is sent once', async () => {
    const key = { repository: 'github/acme/loans', commit: 'a'.repeat(40), scope: 'production' };
    await wakeUps.enqueueReports([key], 3_600_000);
    expect(await counts('notify')).toMatchObject({ delayed: 1 });
    await wakeUps.enqueueReports([key]);
    const sent: unknown[] = [];
    workerOf('notify', async (job) => void sent.push(job));
    await eventually('the report', async () => sent.length > 0);
    await eventually('the end of its job', async () =>
      Object.values(await counts('notify')).every((n) => n === 0),
    );
    expect(sent).toEqual([key]);
  });
});

describe('a worker', () => {
  it('runs the jobs of a cluster while ten thousand jobs of another one wait in it', async () => {
    const never = new Promise<void>(() => {});
    const THOUSANDS = 10_000;
    await pushTo('away', ...Array.from({ length: THOUSANDS }, (_, i) => `away-${i}`));
    let waiting = 0;
    const order: string[] = [];
    deployWorker(
      async ({ target }, signal, slot) => {
        if (!target.startsWith('away')) return void order.push(target);
        waiting += 1;
        slot?.free();
        const aborted = new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
        await Promise.race([never, aborted]);
        throw new SlipwayError('LEASE_LOST', 'stopped');
      },
      { concurrency: 2 * THOUSANDS, slots: () => 2 },
    );
    await eventually('all of the other cluster', async () => waiting === THOUSANDS);
    await push('web');
    await eventually('the job', async () => order.includes('web'));
  });

  it('runs the jobs of a forge while those of another one hold all slots and do not end', async () => {
    const repositories = Array.from({ length: 100 }, (_, i) => `gitlab/acme/hangs-${i}`);
    await wakeUps.enqueueIntake(repositories);
    const looked: string[] = [];
    workerOf(
      'intake',
      async ({ repository }, signal) => {
        if (repository.startsWith('github/')) return void looked.push(repository);
        await new Promise((_resolve, reject) =>
          signal.addEventListener('abort', () => reject(signal.reason), { once: true }),
        );
      },
      { concurrency: 2, slots: () => 2 },
    );
    await eventually('the slots in use', async () => (await counts('intake')).active === 2);
    await wakeUps.enqueueIntake(['github/acme/web']);
    await eventually('the repository of the other forge', async () => looked.length === 1);
    expect(await counts('intake')).toMatchObject({ active: 2, waiting: 98 });
  });

  it('looks at a repository while others of its forge hang', async () => {
    await wakeUps.enqueueIntake(['github/acme/hangs-1', 'github/acme/hangs-2', 'github/acme/web']);
    const looked: string[] = [];
    workerOf(
      'intake',
      async ({ repository }, signal) => {
        if (repository.endsWith('/web')) return void looked.push(repository);
        await new Promise((_resolve, reject) =>
          signal.addEventListener('abort', () => reject(signal.reason), { once: true }),
        );
      },
      { concurrency: 10, slots: () => 2 },
    );
    await eventually('the repository that answers', async () => looked.length === 1);
  });

  it('runs a deploy for a cluster that server.yaml does not have, so that somebody hears why', async () => {
    await pushTo('gone', 'web');
    const order = recordingWorker();
    await eventually('the job', async () => order.includes('web'));
  });

  it('retries a job after the time that the error asked for', async () => {
    const at: number[] = [];
    deployWorker(async () => {
      at.push(Date.now());
      if (at.length === 1) throw new SlipwayError('FORGE_UNREACHABLE', 'busy', { retryAfterMs: 1_500 });
    });
    await push('web');
    const [first = 0, second = 0] = await eventually('the retry', async () => at.length === 2 && at);
    expect(second - first).toBeGreaterThanOrEqual(1_400);
  });

  it('delays a job by holdMs before it runs', async () => {
    const until = Date.now() + 1_000;
    let ranAt = 0;
    deployWorker(
      async () => {
        ranAt = Date.now();
      },
      { holdMs: async () => Math.max(0, until - Date.now()) },
    );
    await push('web');
    await eventually('the run', async () => ranAt > 0);
    expect(ranAt).toBeGreaterThanOrEqual(until - 20);
  });

  it('that stops returns jobs that do not end in time, and another worker runs them', async () => {
    const returned = Promise.withResolvers<unknown>();
    const started = Promise.withResolvers<void>();
    const stopping = deployWorker(async (_job, signal) => {
      started.resolve();
      signal.addEventListener('abort', () => returned.resolve(signal.reason), { once: true });
      throw await returned.promise;
    });
    await push('web');
    await started.promise;
    await stopping.stop(200);
    expect(await returned.promise).toMatchObject({ code: 'LEASE_LOST' });
    const order = recordingWorker();
    await eventually('the job on the other worker', async () => order.includes('web'));
  });

  it('aborts the run of a job whose lock is lost', async () => {
    const lost = Promise.withResolvers<unknown>();
    deployWorker(async (_job, signal) => {
      signal.addEventListener('abort', () => lost.resolve(signal.reason), { once: true });
      await lost.promise;
    });
    await push('web');
    const [lock = ''] = await eventually('the lock', async () => {
      const found = await redis.keys(`${prefix}:deploy-prod:*:lock`);
      return found.length > 0 && found;
    });
    await redis.set(lock, 'another worker');
    expect(await lost.promise).toMatchObject({ code: 'LEASE_LOST' });
  });
});
