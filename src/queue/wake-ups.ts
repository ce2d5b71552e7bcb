import type { Job, JobsOptions } from 'bullmq';
import type { Cluster, Redis } from 'ioredis';
import { splitRepository } from '../model/target.ts';
import type { WakeUps } from '../ports/wake-ups.ts';
import { coalesce } from './coalesce.ts';
import type { NotifyJob, Outside } from './queues.ts';
import { type AnyJob, createShareQueues } from './share-queues.ts';

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
async function raisePriority(job: Job<AnyJob>, priority = 1): Promise<void> {
  // The job is running or has ended.
  await job.changePriority({ priority }).catch(() => undefined);
}

function nameOf({ repository, commit, scope }: NotifyJob): string {
  return `${repository} ${commit} ${scope}`;
}

export function createWakeUps(connection: Redis | Cluster, prefix: string, outside: Outside): WakeUps {
  const queues = createShareQueues(connection, prefix, outside);

  async function addReports(reports: NotifyJob[], extra: JobsOptions): Promise<void> {
    const jobs = reports.map((data) => ({
      share: forgeOf(data),
      data,
      options: wakeUp(nameOf(data), extra),
    }));
    await queues.add('notify', jobs);
  }
  const addReportSoon = coalesce(COALESCE_MS, (job: NotifyJob) => addReports([job], {}));

  return {
    async enqueueIntake(repositories) {
      const jobs = repositories.map((repository) => {
        const data = { repository };
        return { share: forgeOf(data), data, options: wakeUp(repository) };
      });
      await queues.add('intake', jobs);
    },
    async enqueueDeploys(wakeUps) {
      const priorities = new Map(
        wakeUps.map(({ target, index }) => [target, Math.min(index + 1, MAX_PRIORITY)]),
      );
      const added = wakeUps.map(({ target, cluster }) => {
        const options = wakeUp(target, { priority: priorities.get(target) ?? 1 });
        return { share: cluster, data: { target }, options };
      });
      const jobs = await queues.add('deploy', added);
      if (wakeUps.length > SMALL_PUSH) return;
      await Promise.all(jobs.map((job) => raisePriority(job, priorities.get(nameIn(job)))));
    },
    async enqueuePlan(request) {
      await queues.add('plan', [{ share: undefined, data: { request }, options: wakeUp(request) }]);
    },
    async enqueueReports(jobs, delayMs = 0) {
      if (delayMs > 0) await addReports(jobs, { delay: delayMs });
      else await Promise.all(jobs.map((job) => addReportSoon(nameOf(job), job)));
    },
    counts: queues.counts,
    close: queues.close,
  };
}

function forgeOf({ repository }: { repository: string }): string {
  return splitRepository(repository).forge;
}

function nameIn(job: Job<AnyJob>): string {
  return job.opts.deduplication?.id ?? '';
}
