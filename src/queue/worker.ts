import { DelayedError } from 'bullmq';
import type { Cluster, Redis } from 'ioredis';
import { SlipwayError, toSlipwayError } from '../errors.ts';
import { backoffMs } from '../model/backoff.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { JobSlot, JobSlots } from './job-slots.ts';
import type { JobOf, QueueName } from './queues.ts';
import { SlotWorker } from './slot-worker.ts';

/** A dead worker's jobs are found again within lock + interval; BullMQ's own defaults take a minute. */
const LOCK_MS = 15_000;
const STALLED_EVERY_MS = 5_000;

export interface WorkerOptions<Name extends QueueName> {
  name: Name;
  connection: Redis | Cluster;
  prefix: string;
  concurrency: number;
  log: Logger;
  /** `signal` aborts with a SlipwayError when the job's lock is lost or the process stops. */
  run: (job: JobOf[Name], signal: AbortSignal, slot: JobSlot | undefined) => Promise<void>;
  /** Limits how many of its jobs work at once; `concurrency` then limits those that only wait. */
  slots?: JobSlots;
  /** Milliseconds that the job must wait before it may run; asked before every run. */
  holdMs?: (job: JobOf[Name]) => Promise<number>;
}

export interface RunningWorker {
  name: QueueName;
  isRunning(): boolean;
  /** Takes no more jobs, gives those that run `graceMs` to end, then returns them to the queue. */
  stop(graceMs: number): Promise<void>;
}

/** The one place that turns errors of a use case into BullMQ's verdicts: retry with back-off, or log and give up. */
export function startWorker<Name extends QueueName>(options: WorkerOptions<Name>): RunningWorker {
  const { name, connection, prefix, concurrency, log } = options;
  const worker: SlotWorker<JobOf[Name]> = new SlotWorker<JobOf[Name]>(
    name,
    async (job, token, signal) => {
      const held = (await options.holdMs?.(job.data)) ?? 0;
      if (held > 0) {
        await job.moveToDelayed(Date.now() + held, token);
        throw new DelayedError();
      }
      const slot = worker.begin(job);
      await runJob(options, job.data, signal, slot).finally(() => slot?.free());
    },
    {
      connection,
      prefix,
      autorun: false,
      concurrency,
      lockDuration: LOCK_MS,
      stalledInterval: STALLED_EVERY_MS,
      // A job whose worker died is always run again: every step is idempotent.
      maxStalledCount: 1_000,
      settings: {
        backoffStrategy: (tries, _type, error) =>
          backoffMs(tries ?? 1, error instanceof SlipwayError ? error.retryAfterMs : undefined),
      },
    },
  );
  // BullMQ continues a job whose lock is lost, although another worker has it by then.
  worker.on('lockRenewalFailed', (ids: string[]) => {
    for (const id of ids) worker.cancelJob(id, 'lock lost');
  });
  worker.on('error', (error) => log.debug({ queue: name, reason: error.message }, 'worker error'));
  worker.on('stalled', (id) => log.warn({ queue: name, job: id }, 'job of a dead worker recovered'));

  worker.start(options.slots).catch((error: Error) => log.error({ queue: name, err: error }, 'worker ended'));

  return {
    name,
    isRunning: () => worker.isRunning(),
    async stop(graceMs) {
      const closed = worker.close();
      const timer = setTimeout(() => worker.cancelAllJobs('stopping'), graceMs);
      await closed.finally(() => clearTimeout(timer));
    },
  };
}

async function runJob<Name extends QueueName>(
  { name, log, run }: WorkerOptions<Name>,
  data: JobOf[Name],
  signal: AbortSignal | undefined,
  slot: JobSlot | undefined,
): Promise<void> {
  const controller = new AbortController();
  const abort = () =>
    controller.abort(new SlipwayError('LEASE_LOST', `the ${name} job was stopped or taken over`));
  signal?.addEventListener('abort', abort, { once: true });
  try {
    await run(data, controller.signal, slot);
  } catch (thrown) {
    const error = toSlipwayError(thrown);
    const fields = { queue: name, job: data, code: error.code, reason: error.message };
    if (error.code === 'INTERNAL') log.error({ ...fields, err: error.cause ?? error }, 'job failed');
    else log.warn(fields, 'job is retried');
    throw error;
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}
