import { DelayedError, type Job } from 'bullmq';
import type { Cluster, Redis } from 'ioredis';
import { SlipwayError, toSlipwayError } from '../errors.ts';
import { backoffMs } from '../model/backoff.ts';
import type { Logger } from '../telemetry/logger.ts';
import { coalesce } from './coalesce.ts';
import { createJobSlots, type JobSlot } from './job-slots.ts';
import { createProjectRoom, type ProjectBound } from './project-room.ts';
import { type JobOf, type Outside, type QueueName, queueOf, sharesOf } from './queues.ts';
import { SlotWorker } from './slot-worker.ts';

import type { Trials } from './trials.ts';
import { turnJobs } from './turns.ts';

/** A dead worker's jobs are found again within lock + interval; BullMQ's own defaults take a minute. */
const LOCK_MS = 15_000;
const STALLED_EVERY_MS = 5_000;

/** How long a job that BullMQ has put back waits for its turn to be determined, at most, while jobs end. */
const TURNS_EVERY_MS = 100;

export interface WorkerOptions<Name extends QueueName> {
  name: Name;
  connection: Redis | Cluster;
  prefix: string;
  outside: Outside;
  /** Jobs at once per cluster or forge. */
  concurrency: number;
  log: Logger;
  /** `signal` aborts with a SlipwayError when the job's lock is lost or the process stops. */
  run: (job: JobOf[Name], signal: AbortSignal, slot: JobSlot | undefined) => Promise<void>;
  /** How many jobs of a cluster or forge work at once; `concurrency` then limits those that only wait. */
  slots?: (share: string | undefined) => number;
  /** Milliseconds that the job must wait before it may run; asked before every run. */
  holdMs?: (job: JobOf[Name]) => Promise<number>;
  /**
   * Bounds how many of the `concurrency` jobs of a cluster or forge belong to one project, so that one whose jobs hang
   * leaves room for the others. A job beyond that is put back for some seconds.
   */
  projects?: ProjectBound<JobOf[Name]>;
  quarantine: QuarantineOptions<Name>;
}

/** What happens to a job that kills every process that runs it. */
export interface QuarantineOptions<Name extends QueueName> {
  trials: Trials;
  /**
   * Names what the job would work on now; empty: nothing that came since it last began. New work of a job in quarantine
   * gets a run of its own. Asked only about jobs whose process died. Undefined: a job never has new work.
   */
  workOf?(job: JobOf[Name]): Promise<string>;
  /** Ends the work of the job with this error, instead of running it. */
  giveUp(job: JobOf[Name], error: SlipwayError, signal: AbortSignal, tried: string): Promise<void>;
}

export interface RunningWorker {
  name: QueueName;
  isRunning(): boolean;
  /** Takes no more jobs, gives those that run `graceMs` to end, then returns them to the queue. */
  stop(graceMs: number): Promise<void>;
}

/**
 * Runs jobs of one kind: a BullMQ worker for each cluster or forge, so that none waits behind jobs of another. The one
 * place that turns errors of a use case into BullMQ's verdicts: retry with back-off, or log and give up.
 */
export function startWorker<Name extends QueueName>(options: WorkerOptions<Name>): RunningWorker {
  const shares = [undefined, ...sharesOf(options.name, options.outside)];
  const stopping = new AbortController();
  const workers = shares.map((share) => startShare(options, share, stopping.signal));
  return {
    name: options.name,
    isRunning: () => workers.every((worker) => worker.isRunning()),
    async stop(graceMs) {
      const closed = workers.map((worker) => worker.close());
      const timer = setTimeout(() => stopping.abort(), graceMs);
      await Promise.all(closed).finally(() => clearTimeout(timer));
    },
  };
}

/** `stopping` also ends a job that was taken before the stop and begins after it, which BullMQ's own cancelling misses. */
function startShare<Name extends QueueName>(
  options: WorkerOptions<Name>,
  share: string | undefined,
  stopping: AbortSignal,
) {
  const { name, connection, prefix, concurrency, log, projects } = options;
  const room = projects && createProjectRoom(projects);
  const worker: SlotWorker<JobOf[Name]> = new SlotWorker<JobOf[Name]>(
    queueOf(name, share),
    async (job, token, signal) => {
      const leave = room?.enter(job.data);
      const held = leave || !room ? await options.holdMs?.(job.data) : room.putBackMs();
      try {
        if (held) {
          await job.moveToDelayed(Date.now() + held, token);
          throw new DelayedError();
        }
        const slot = worker.begin(job);
        const ending = AbortSignal.any(signal ? [signal, stopping] : [stopping]);
        await runJob(options, job, ending, slot).finally(() => slot?.free());
      } finally {
        leave?.();
      }
    },
    {
      connection,
      prefix,
      autorun: false,
      concurrency,
      lockDuration: LOCK_MS,
      stalledInterval: STALLED_EVERY_MS,
      // It also counts jobs whose worker only seemed dead, while Redis was away. `trials.ts` decides instead.
      maxStalledCount: Number.MAX_SAFE_INTEGER,
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
  worker.on('error', (error) => log.debug({ queue: name, share, reason: error.message }, 'worker error'));
  worker.on('stalled', (id) => log.warn({ queue: name, share, job: id }, 'job of a dead worker recovered'));
  const giveTurns = coalesce(TURNS_EVERY_MS, () => turnJobs(worker, prefix));
  // If it fails, the next one, or the next job that is enqueued, determines them.
  const turnSoon = () => void giveTurns('', undefined).catch(() => undefined);
  worker.on('completed', turnSoon).on('failed', turnSoon).on('stalled', turnSoon);
  const slots = options.slots && createJobSlots(options.slots(share));
  worker
    .start(slots, options.quarantine.trials)
    .catch((error: Error) => log.error({ queue: name, share, err: error }, 'worker ended'));
  return worker;
}

async function runJob<Name extends QueueName>(
  options: WorkerOptions<Name>,
  job: Job<JobOf[Name]>,
  signal: AbortSignal,
  slot: JobSlot | undefined,
): Promise<void> {
  const { name, log } = options;
  const controller = new AbortController();
  const abort = () =>
    controller.abort(new SlipwayError('LEASE_LOST', `the ${name} job was stopped or taken over`));
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  try {
    await tryJob(options, job, controller.signal, slot);
  } catch (thrown) {
    const error = toSlipwayError(thrown);
    const fields = { queue: name, job: job.data, code: error.code, reason: error.message };
    if (error.code === 'INTERNAL') log.error({ ...fields, err: error.cause ?? error }, 'job failed');
    else log.warn(fields, 'job is retried');
    throw error;
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/** Runs the job unless it is in quarantine, and records that its process has lived. */
async function tryJob<Name extends QueueName>(
  { name, log, run, quarantine }: WorkerOptions<Name>,
  { data, id, opts, stalledCounter }: Job<JobOf[Name]>,
  signal: AbortSignal,
  slot: JobSlot | undefined,
): Promise<void> {
  const trial = await quarantine.trials.begin(
    {
      queue: name,
      name: opts.deduplication?.id ?? String(id),
      stalled: stalledCounter > 0,
      workOf: async () => quarantine.workOf?.(data) ?? '',
    },
    signal,
  );
  if (trial.verdict === 'quarantined') {
    const summary = `${trial.deaths} worker processes died in a row while they worked on this`;
    const error = new SlipwayError('QUARANTINED', summary);
    if (trial.isNew) log.error({ queue: name, job: data, deaths: trial.deaths }, 'job quarantined');
    return quarantine.giveUp(data, error, signal, trial.tried);
  }
  const watched = slot && {
    keep: () => slot.keep(),
    free() {
      slot.free();
      trial.survive();
    },
  };
  await run(data, signal, watched).finally(() => trial.end());
}
