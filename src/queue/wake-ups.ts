import type { JobsOptions } from 'bullmq';
import type { Cluster, Redis } from 'ioredis';
import { flowOf } from '../model/flow.ts';
import { parseTargetId, repositoryOf, splitRepository } from '../model/target.ts';
import type { Projects } from '../ports/projects.ts';
import type { WakeUps } from '../ports/wake-ups.ts';
import { coalesce } from './coalesce.ts';
import type { NotifyJob, Outside } from './queues.ts';
import { createShareQueues } from './share-queues.ts';

/** Not one of BullMQ's own, so that it calls the worker's strategy, which knows the `retryAfterMs` of the error. */
export const BACKOFF = 'slipway';

/** The first so many targets of a push come earlier if a larger push has enqueued them already. */
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

function nameOf({ repository, commit, scope }: NotifyJob): string {
  return `${repository} ${commit} ${scope}`;
}

export function createWakeUps(
  connection: Redis | Cluster,
  prefix: string,
  outside: Outside,
  projectOf: Projects['projectOf'],
): WakeUps {
  const queues = createShareQueues(connection, prefix, outside);

  async function addReports(reports: NotifyJob[], extra: JobsOptions): Promise<void> {
    const jobs = reports.map((data) => ({
      share: forgeOf(data),
      data,
      flow: flowOf(projectOf(data.repository)),
      options: wakeUp(nameOf(data), extra),
    }));
    await queues.add('notify', jobs);
  }
  const addReportSoon = coalesce(COALESCE_MS, (job: NotifyJob) => addReports([job], {}));

  return {
    async enqueueIntake(repositories) {
      const jobs = repositories.map((repository) => {
        const data = { repository };
        const flow = flowOf(projectOf(repository));
        return { share: forgeOf(data), data, flow, options: wakeUp(repository) };
      });
      await queues.add('intake', jobs);
    },
    async enqueueDeploys(wakeUps) {
      const projects = new Map(
        [...new Set(wakeUps.map(({ target }) => repositoryOf(target)))].map((id) => [id, projectOf(id)]),
      );
      const jobs = wakeUps.map(({ target, cluster, index }) => ({
        share: cluster,
        data: { target },
        flow: flowOf(projects.get(repositoryOf(target)), index),
        mayComeEarlier: index < SMALL_PUSH,
        options: wakeUp(target),
      }));
      await queues.add('deploy', jobs);
    },
    async enqueuePlan(request, target) {
      const repository = parseTargetId(target)?.repository;
      const flow = flowOf(repository && projectOf(repository));
      const job = { share: undefined, data: { request }, flow, options: wakeUp(request) };
      await queues.add('plan', [job]);
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
