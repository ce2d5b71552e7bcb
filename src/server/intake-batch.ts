import { SlipwayError } from '../errors.ts';
import type { Accepted, Deliveries, NewDelivery, WakeUp } from '../ports/deliveries.ts';
import type { IntakeWakeUps } from '../ports/intake-wake-ups.ts';

/** Records a delivery and enqueues an intake of its repository; resolves only when both are in Redis. */
export type SubmitDelivery = (delivery: NewDelivery) => Promise<Accepted>;

export interface IntakeBatchOptions {
  /** Milliseconds until a batch is given up as REDIS_UNREACHABLE. */
  deadlineMs: number;
  /** Batches under way at once; what comes meanwhile goes into the next one. */
  parallel: number;
}

interface Waiting {
  delivery: NewDelivery;
  resolve: (accepted: Accepted) => void;
  reject: (error: unknown) => void;
}

const TICKS = 10;

/**
 * Rejects what takes longer, in time in which this process could read a response: a standstill counts as one tick, so
 * that what came meanwhile is taken first. A push that is refused would not be sent again.
 */
async function withDeadline<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  let ticks = 0;
  const late = new Promise<never>((_, reject) => {
    const end = () => reject(new Error(`Redis did not respond within ${ms} ms`));
    timer = setInterval(() => {
      ticks += 1;
      if (ticks === TICKS) setImmediate(end);
    }, ms / TICKS);
  });
  return Promise.race([work, late]).finally(() => clearInterval(timer));
}

/** Everything that arrives in one tick of the event loop shares two round trips: one records, one enqueues. */
export function batchPerTick(
  deliveries: Pick<Deliveries, 'accept'>,
  wakeUps: IntakeWakeUps,
  { deadlineMs, parallel }: IntakeBatchOptions,
): SubmitDelivery {
  let waiting: Waiting[] = [];
  /** Wake-ups that are in Redis. The next batch reports them; if that batch is lost, they are enqueued again. */
  let enqueued: WakeUp[] = [];
  let running = 0;
  let scheduled = false;

  async function record(batch: Waiting[]): Promise<Accepted[]> {
    const reported = enqueued;
    enqueued = [];
    const accepted = await deliveries.accept(
      batch.map(({ delivery }) => delivery),
      reported,
    );
    const wanted = new Map(accepted.flatMap(({ wakeUp }) => (wakeUp ? [[wakeUp.repository, wakeUp]] : [])));
    if (wanted.size > 0) {
      await wakeUps.enqueueIntake([...wanted.keys()]);
      enqueued.push(...wanted.values());
    }
    return accepted;
  }

  async function run(batch: Waiting[]): Promise<void> {
    try {
      const accepted = await withDeadline(record(batch), deadlineMs);
      batch.forEach(({ resolve, reject }, at) => {
        const one = accepted[at];
        if (one) resolve(one);
        else reject(new SlipwayError('INTERNAL', 'Redis returned no result for a delivery of the batch'));
      });
    } catch (cause) {
      const error = unreachable(cause);
      for (const { reject } of batch) reject(error);
    }
  }

  function schedule(): void {
    if (scheduled || running >= parallel || waiting.length === 0) return;
    scheduled = true;
    setImmediate(() => {
      scheduled = false;
      const batch = waiting;
      waiting = [];
      running += 1;
      void run(batch).finally(() => {
        running -= 1;
        schedule();
      });
    });
  }

  return (delivery) =>
    new Promise((resolve, reject) => {
      waiting.push({ delivery, resolve, reject });
      schedule();
    });
}

function unreachable(cause: unknown): SlipwayError {
  if (cause instanceof SlipwayError) return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new SlipwayError('REDIS_UNREACHABLE', `the delivery could not be recorded: ${reason}`, { cause });
}
