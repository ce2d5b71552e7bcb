import type { Job, JobsOptions } from 'bullmq';
import { Queue } from 'bullmq';
import type { Cluster, Redis } from 'ioredis';
import type { Bells } from '../ports/bells.ts';
import type { DeployJob, IntakeJob, NotifyJob } from './queues.ts';
import { together } from './together.ts';

/** Not one of BullMQ's own, so that it asks the worker's strategy, which knows what the other side asked for. */
export const BACKOFF = 'slipway';

/** BullMQ's lowest priority (highest number): 2^21. */
const MAX_PRIORITY = 2_097_152;

/** A push of so few targets lifts bells that a larger one has rung already. */
const SMALL_PUSH = 10;

/** The releases of one commit end within moments; people do not read faster than this. */
const TOGETHER_MS = 100;

/**
 * A bell that rings while its job waits is the same bell; while its job runs, the job runs once more.
 * `replace` lets a bell cut short a retry's back-off: a fix never waits for the retries of the broken commit.
 */
function bell(id: string, extra: JobsOptions = {}): JobsOptions {
  return {
    deduplication: { id, keepLastIfActive: true, replace: true },
    removeOnComplete: true,
    removeOnFail: true,
    attempts: 1_000,
    backoff: { type: BACKOFF },
    ...extra,
  };
}

/** A bell that waits keeps its own priority when it is rung again. */
async function hurry(job: Job<DeployJob>, priority = 1): Promise<void> {
  // Gone already: it is running or has ended.
  await job.changePriority({ priority }).catch(() => undefined);
}

function nameOf({ repository, commit, scope }: NotifyJob): string {
  return `${repository} ${commit} ${scope}`;
}

export function createBells(connection: Redis | Cluster, prefix: string): Bells {
  const options = { connection, prefix };
  const intake = new Queue<IntakeJob>('intake', options);
  const deploy = new Queue<DeployJob>('deploy', options);
  const notify = new Queue<NotifyJob>('notify', options);
  const queues = [intake, deploy, notify];
  // Without a listener BullMQ only prints; the connection's own listener already logs.
  for (const queue of queues) queue.on('error', () => {});

  async function ringAnswers(jobs: NotifyJob[], extra: JobsOptions): Promise<void> {
    await notify.addBulk(jobs.map((data) => ({ name: 'bell', data, opts: bell(nameOf(data), extra) })));
  }
  const ringSoon = together(TOGETHER_MS, (job: NotifyJob) => ringAnswers([job], {}));

  return {
    async ringIntake(repositories) {
      await intake.addBulk(
        repositories.map((repository) => ({ name: 'bell', data: { repository }, opts: bell(repository) })),
      );
    },
    async ringDeploy(rings) {
      const jobs = rings.map(({ target, index }) => ({
        target,
        priority: Math.min(index + 1, MAX_PRIORITY),
      }));
      const rung = await deploy.addBulk(
        jobs.map(({ target, priority }) => ({
          name: 'bell',
          data: { target },
          opts: bell(target, { priority }),
        })),
      );
      if (rings.length <= SMALL_PUSH) await Promise.all(rung.map((job, i) => hurry(job, jobs[i]?.priority)));
    },
    async ringNotify(jobs, delayMs = 0) {
      if (delayMs > 0) await ringAnswers(jobs, { delay: delayMs });
      else await Promise.all(jobs.map((job) => ringSoon(nameOf(job), job)));
    },
    async counts() {
      const entries = await Promise.all(
        queues.map(async (queue) => [queue.name, await queue.getJobCounts()] as const),
      );
      return Object.fromEntries(entries);
    },
    async close() {
      await Promise.all(queues.map((queue) => queue.close()));
    },
  };
}
