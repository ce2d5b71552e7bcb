import type { Job, JobsOptions } from 'bullmq';
import { Queue } from 'bullmq';
import type { Cluster, Redis } from 'ioredis';
import type { WakeUps } from '../ports/wake-ups.ts';
import { coalesce } from './coalesce.ts';
import type { DeployJob, IntakeJob, NotifyJob, PlanJob } from './queues.ts';

/** Not one of BullMQ's own, so that it calls the worker's strategy, which knows the `retryAfterMs` of the error. */
export const BACKOFF = 'slipway';

/** BullMQ's lowest priority (highest number): 2^21. */
const MAX_PRIORITY = 2_097_152;

/** A push of so few targets raises the priority of jobs that a larger one has enqueued already. */
const SMALL_PUSH = 10;

/** The releases of one commit end within moments; people do not read faster than this. */
const COALESCE_MS = 100;

/**
 * A wake-up whose job waits is deduplicated; if its job runs, the job runs again afterwards. `replace` lets a wake-up
 * end a retry's back-off: a fix never waits for the retries of the broken commit.
 */
function wakeUp(id: string, extra: JobsOptions = {}): JobsOptions {
  return {
    deduplication: { id, keepLastIfActive: true, replace: true },
    removeOnComplete: true,
    removeOnFail: true,
    attempts: 1_000,
    backoff: { type: BACKOFF },
    ...extra,
  };
}

/** A job that waits keeps its priority when it is enqueued again, so a higher one is set here. */
async function raisePriority(job: Job<DeployJob>, priority = 1): Promise<void> {
  // The job is running or has ended.
  await job.changePriority({ priority }).catch(() => undefined);
}

function nameOf({ repository, commit, scope }: NotifyJob): string {
  return `${repository} ${commit} ${scope}`;
}

export function createWakeUps(connection: Redis | Cluster, prefix: string): WakeUps {
  const options = { connection, prefix };
  const intake = new Queue<IntakeJob>('intake', options);
  const plan = new Queue<PlanJob>('plan', options);
  const deploy = new Queue<DeployJob>('deploy', options);
  const notify = new Queue<NotifyJob>('notify', options);
  const queues = [intake, plan, deploy, notify];
  // Without a listener BullMQ only prints; the connection's own listener already logs.
  for (const queue of queues) queue.on('error', () => {});

  async function addReports(jobs: NotifyJob[], extra: JobsOptions): Promise<void> {
    await notify.addBulk(jobs.map((data) => ({ name: 'wake-up', data, opts: wakeUp(nameOf(data), extra) })));
  }
  const addReportSoon = coalesce(COALESCE_MS, (job: NotifyJob) => addReports([job], {}));

  return {
    async enqueueIntake(repositories) {
      await intake.addBulk(
        repositories.map((repository) => ({
          name: 'wake-up',
          data: { repository },
          opts: wakeUp(repository),
        })),
      );
    },
    async enqueueDeploys(wakeUps) {
      const wanted = wakeUps.map(({ target, index }) => ({
        target,
        priority: Math.min(index + 1, MAX_PRIORITY),
      }));
      const jobs = await deploy.addBulk(
        wanted.map(({ target, priority }) => ({
          name: 'wake-up',
          data: { target },
          opts: wakeUp(target, { priority }),
        })),
      );
      if (wakeUps.length <= SMALL_PUSH)
        await Promise.all(jobs.map((job, i) => raisePriority(job, wanted[i]?.priority)));
    },
    async enqueuePlan(request) {
      await plan.add('wake-up', { request }, wakeUp(request));
    },
    async enqueueReports(jobs, delayMs = 0) {
      if (delayMs > 0) await addReports(jobs, { delay: delayMs });
      else await Promise.all(jobs.map((job) => addReportSoon(nameOf(job), job)));
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
