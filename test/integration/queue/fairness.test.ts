import { beforeEach, describe, expect, it, vi } from 'vitest';
import { SlipwayError } from '../../../src/errors.ts';
import type { JobOf, QueueName } from '../../../src/queue/queues.ts';
import { eventually } from '../../support/slipway.ts';
import { openQueues, type QueuesUnderTest } from './queue-under-test.ts';

const THOUSAND = 1_000;
const COMMIT = 'a'.repeat(40);

let queues: QueuesUnderTest;

beforeEach(() => {
  queues = openQueues();
});

const target = (project: string, app: number | string, repository = 'apps') =>
  `github/${project}/${repository}//${app}@production`;

/** The first `count` apps of a repository, by index. */
const apps = (project: string, count: number, repository?: string) =>
  Array.from({ length: count }, (_, i) => target(project, i, repository));

const push = (...targets: string[]) =>
  queues.wakeUps.enqueueDeploys(targets.map((one, index) => ({ target: one, cluster: 'prod', index })));

function subjectOf(job: JobOf[QueueName]): string {
  if ('target' in job) return job.target;
  return 'repository' in job ? job.repository : job.request;
}

interface StepWorker {
  /** What the worker has begun, in order. */
  order: string[];
  /** Ends the jobs that run, and each next one, until so many have ended. */
  step(count?: number): Promise<void>;
}

/** A worker with one job at a time that waits in each until the test lets it go on. */
function stepWorker(name: QueueName): StepWorker {
  const order: string[] = [];
  let allowed = 0;
  let ended = 0;
  queues.worker(name, async (job, signal) => {
    order.push(subjectOf(job));
    while (allowed === 0 && !signal.aborted) await new Promise((resolve) => setTimeout(resolve, 1));
    if (signal.aborted) throw new SlipwayError('LEASE_LOST', 'the test has ended');
    allowed -= 1;
    ended += 1;
  });
  return {
    order,
    async step(count = 1) {
      const until = ended + count;
      allowed += count;
      await eventually('the jobs', async () => ended === until && order.length > ended);
    },
  };
}

describe('a job of one project', () => {
  const enqueues: Record<QueueName, (project: string, count: number) => Promise<void>> = {
    deploy: (project, count) => push(...apps(project, count)),
    intake: (project, count) =>
      queues.wakeUps.enqueueIntake(Array.from({ length: count }, (_, i) => `github/${project}/${i}`)),
    notify: (project, count) =>
      queues.wakeUps.enqueueReports(
        Array.from({ length: count }, (_, i) => ({
          repository: `github/${project}/${i}`,
          commit: COMMIT,
          scope: 'production',
        })),
      ),
    plan: async (project, count) => {
      for (let i = 0; i < count; i += 1)
        await queues.wakeUps.enqueuePlan(`${project}/${i}`, target(project, i));
    },
  };

  it.each(Object.keys(enqueues) as QueueName[])(
    'runs after the one that is under way although a thousand of another project wait (%s)',
    async (name) => {
      await enqueues[name]('large', THOUSAND);
      const worker = stepWorker(name);
      await eventually('the first job', async () => worker.order.length === 1);
      await enqueues[name]('small', 1);
      await worker.step();
      expect(worker.order.map((subject) => subject.includes('large'))).toEqual([true, false]);
    },
  );

  it('runs next also if the other project pushes the thousand one by one', async () => {
    for (let i = 0; i < THOUSAND; i += 1) await push(target('large', i));
    const worker = stepWorker('deploy');
    await worker.step(10);
    await push(target('small', 'web'));
    await worker.step();
    expect(worker.order.at(-1)).toBe(target('small', 'web'));
  });

  it('runs next also if the thousand were retried or held before', async () => {
    const repositories = Array.from({ length: THOUSAND }, (_, i) => `github/large/${i}`);
    await queues.wakeUps.enqueueIntake(repositories);
    const failed = new Set<string>();
    const order: string[] = [];
    const again = Promise.withResolvers<void>();
    queues.worker('intake', async ({ repository }) => {
      if (failed.size < THOUSAND) {
        failed.add(repository);
        throw new SlipwayError('GIT_UNREACHABLE', 'away', { retryAfterMs: 5_000 });
      }
      order.push(repository);
      await again.promise;
    });
    await eventually('the first retry', async () => order.length === 1);
    await queues.wakeUps.enqueueIntake(['github/small/web']);
    again.resolve();
    await eventually('the next jobs', async () => order.length > 2);
    expect(order.indexOf('github/small/web')).toBe(1);
  });

  it('does not hold up the other project either, however often it comes back', async () => {
    await push(...apps('large', 50));
    const worker = stepWorker('deploy');
    await eventually('the first job', async () => worker.order.length === 1);
    for (let i = 0; i < 20; i += 1) {
      await push(target('small', i));
      await worker.step();
    }
    const large = worker.order.filter((subject) => subject.includes('large'));
    expect(large.length).toBeGreaterThanOrEqual(10);
  });
});

describe('big pushes that come faster than they drain', () => {
  const SIZE = 500;
  const DRAINED = 100;
  /** Of a push of 500, the first target, the next 9, the next 90 and the rest take turns. */
  const FLOWS = 4;

  it('deploy every target within as many jobs as four times the targets of the push', async () => {
    const worker = stepWorker('deploy');
    const seen = () => new Set(worker.order).size;
    while (worker.order.length < FLOWS * SIZE && seen() < SIZE) {
      await push(...apps('large', SIZE));
      await worker.step(DRAINED);
    }
    expect(seen()).toBe(SIZE);
  });

  it('deploy every target also while a stream of small pushes comes', async () => {
    const worker = stepWorker('deploy');
    await push(...apps('large', 50));
    for (let i = 0; i < 150; i += 1) {
      await push(target('large', i, 'other'));
      await push(target('small', i));
      await worker.step();
    }
    const missing = apps('large', 50).filter((one) => !worker.order.includes(one));
    expect(missing).toEqual([]);
  });

  it('leave a target that waits in its turn when it is pushed again', async () => {
    await push(...apps('large', 50));
    const worker = stepWorker('deploy');
    for (let i = 0; i < 24; i += 1) {
      await push(...apps('large', 50).toReversed());
      await worker.step();
    }
    // Apps 10 to 39 are among the first ten of neither push.
    const middle = worker.order.filter((one) => /\/\/[123]\d@/.test(one));
    expect(middle).toEqual(apps('large', 50).slice(10, 10 + middle.length));
    expect(middle.length).toBeGreaterThanOrEqual(5);
  });
});

describe('a job that comes back', () => {
  it('has its turn among those that wait if it was woken while it ran', async () => {
    await push(...apps('large', THOUSAND));
    const worker = stepWorker('deploy');
    await eventually('the first job', async () => worker.order.length === 1);
    const [first = ''] = worker.order;
    await push(first);
    await worker.step(40);
    expect(worker.order.filter((one) => one === first)).toHaveLength(2);
  });

  it('neither waits behind jobs that never began nor holds up another project after its worker died', async () => {
    await push(...apps('large', THOUSAND));
    await queues.wakeUps.enqueuePlan('other queue', 'web@production');
    const lost = await loseWorkerOf('deploy-prod', 100);
    await push(target('small', 'web'));
    const worker = stepWorker('deploy');
    await worker.step(300);
    expect(worker.order.indexOf(target('small', 'web'))).toBeLessThanOrEqual(1);
    expect(lost.filter((one) => !worker.order.includes(one))).toEqual([]);
  });

  it('is run although Redis has lost the turns', async () => {
    await push(...apps('large', 20));
    const worker = stepWorker('deploy');
    await worker.step(5);
    await queues.redis.del(...(await queues.redis.keys(`${queues.prefix}:turns:*`)));
    await push(target('small', 'web'));
    await worker.step();
    expect(worker.order.at(-1)).toBe(target('small', 'web'));
    await worker.step(13);
    expect(new Set(worker.order)).toHaveProperty('size', 20);
  });
});

it('enqueues a push of a thousand apps in one round trip', async () => {
  await push(target('large', 0));
  const written = vi.spyOn(queues.redis, 'pipeline');
  const sent = vi.spyOn(queues.redis, 'sendCommand');
  await push(...apps('large', THOUSAND));
  expect(written).toHaveBeenCalledTimes(1);
  // A pipeline sends its commands at once: each job, and their turns.
  expect(sent.mock.calls).toHaveLength(THOUSAND + 1);
});

/** Takes jobs and leaves them as BullMQ does when it finds that their worker died; resolves to their targets. */
async function loseWorkerOf(queue: string, count: number): Promise<string[]> {
  const { prefix, redis } = queues;
  const key = `${prefix}:${queue}`;
  const ids = (await redis.zpopmin(`${key}:prioritized`, count)).filter((_, i) => i % 2 === 0);
  const targets: string[] = [];
  for (const id of ids) {
    await redis.hincrby(`${key}:${id}`, 'ats', 1);
    await redis.rpush(`${key}:wait`, id);
    targets.push(JSON.parse((await redis.hget(`${key}:${id}`, 'data')) ?? '{}').target);
  }
  return targets;
}

describe('a worker that runs several jobs at once', () => {
  it('leaves room for other projects while all jobs of one hang, and comes back to that one', async () => {
    const began: string[] = [];
    const hang = Promise.withResolvers<void>();
    const projects = { of: (job: JobOf['intake']) => job.repository.split('/')[1], most: 3 };
    const run = async ({ repository }: JobOf['intake'], signal: AbortSignal) => {
      began.push(repository);
      if (!repository.includes('/hangs/')) return;
      signal.addEventListener('abort', () => hang.resolve());
      await hang.promise;
    };
    const names = Array.from({ length: 12 }, (_, i) => `github/hangs/${i}`);
    await queues.wakeUps.enqueueIntake(names);
    queues.worker('intake', run, { concurrency: 6, projects });
    await eventually('the jobs that hang', async () => began.length === 3);
    await queues.wakeUps.enqueueIntake(['github/others/1']);
    await eventually('the other job', async () => began.includes('github/others/1'));
    expect(began.filter((name) => name.includes('/hangs/'))).toHaveLength(3);
    hang.resolve();
    await eventually('all jobs', async () => names.every((name) => began.includes(name)));
  });
});
