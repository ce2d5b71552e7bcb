import type { Redis } from 'ioredis';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import type { RepositoryId } from '../../../src/model/target.ts';
import type { WakeUps } from '../../../src/ports/wake-ups.ts';
import type { QueueName } from '../../../src/queue/queues.ts';
import { createSuspects } from '../../../src/queue/suspects.ts';
import { createTrials } from '../../../src/queue/trials.ts';
import { createWakeUps } from '../../../src/queue/wake-ups.ts';
import { startWorker, type WorkerOptions } from '../../../src/queue/worker.ts';
import { testRedis } from '../../support/redis.ts';
import { uniquePrefix } from '../../support/sandbox.ts';

export const outside = { clusters: ['prod', 'away'], forges: ['github', 'gitlab'] };

const silent = pino({ level: 'silent' });

export type Run<Name extends QueueName> = WorkerOptions<Name>['run'];

/** The queues under a prefix of their own. A repository's owner is its project. */
export interface QueuesUnderTest {
  redis: Redis;
  prefix: string;
  wakeUps: WakeUps;
  /** Starts a worker with one job at a time, which the test stops. */
  worker<Name extends QueueName>(
    name: Name,
    run: Run<Name>,
    more?: Partial<WorkerOptions<Name>>,
  ): ReturnType<typeof startWorker>;
  /** Jobs of this kind by state. */
  counts(name: QueueName): Promise<Record<string, number>>;
}

const projectOf = (repository: RepositoryId) => repository.split('/')[1];

export function openQueues(): QueuesUnderTest {
  const redis = testRedis();
  const prefix = uniquePrefix();
  const wakeUps = createWakeUps(redis, prefix, outside, projectOf);
  onTestFinished(async () => {
    await wakeUps.close();
    redis.disconnect();
  });
  return {
    redis,
    prefix,
    wakeUps,
    worker(name, run, more = {}) {
      const connection = testRedis();
      const worker = startWorker({
        name,
        connection,
        prefix,
        outside,
        concurrency: 1,
        log: silent,
        quarantine: {
          trials: createTrials(createSuspects(connection, prefix), silent),
          giveUp: async () => undefined,
        },
        run,
        ...more,
      });
      onTestFinished(async () => {
        await worker.stop(0);
        connection.disconnect();
      });
      return worker;
    },
    counts: async (name) => (await wakeUps.counts())[name] ?? {},
  };
}
