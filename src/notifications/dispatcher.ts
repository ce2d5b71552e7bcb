import { setTimeout as sleep } from 'node:timers/promises';
import { SlipwayError, toSlipwayError } from '../errors.ts';
import type { Limiter } from '../ports/limiter.ts';
import type { EventBatch, EventConsumer, EventCursor, Outbox } from '../ports/outbox.ts';
import type { EventChannel } from './channel.ts';
import { type DeliveryPorts, deliver, LOST, type WaitingEvent } from './delivery.ts';
import { createLanes, type Lanes } from './lanes.ts';

/** A process that does not consume looks this often whether it may. */
const LOOK_MS = 5_000;

/** Events read in one round trip. */
const BATCH = 100;

/**
 * Events that wait or are delivered in this process: as many as the stream keeps, so that those of one project that its
 * receiver does not take hold up no other one's. Of each only its place and target are in memory.
 */
const MAX_HELD = 50_000;

/** What a stop waits for beyond its grace: the acknowledgements of deliveries that were cut off. */
const SETTLE_MS = 500;

export interface DispatcherPorts extends Omit<DeliveryPorts, 'consumer'> {
  outbox: Outbox;
  /** Limits the deliveries of a channel that run at once; those in back-off do not count. */
  limiter: () => Limiter;
  /** Resolves when an event was written, or after a moment. */
  arrivals: () => Promise<void>;
}

export interface Dispatcher {
  /** Starts no more deliveries, gives those that run `graceMs` to end, and leaves the rest to another process. */
  stop(graceMs: number): Promise<void>;
}

interface Run {
  channel: EventChannel;
  consumer: EventConsumer;
  ports: DispatcherPorts;
  /** No delivery begins from here on. */
  stopping: AbortSignal;
  /** Deliveries that run end here. */
  ending: AbortSignal;
}

/**
 * Delivers events to one channel. Each channel has a dispatcher of its own in every notify worker, of which one consumes
 * at a time: a channel that is down delays no other channel. Events of one target are delivered in order, those of
 * different targets side by side, each until it is delivered or given up. Projects take turns, so that one's thousand
 * events delay another one's by no more than the deliveries under way.
 */
export function startDispatcher(channel: EventChannel, ports: DispatcherPorts): Dispatcher {
  const stopping = new AbortController();
  const ending = new AbortController();
  const running = dispatch(channel, ports, stopping.signal, ending.signal);
  return {
    async stop(graceMs) {
      stopping.abort();
      // While Redis is down a command never ends; what was not acknowledged is delivered again elsewhere.
      await Promise.race([running, sleep(graceMs, undefined, { ref: false })]);
      ending.abort();
      await Promise.race([running, sleep(SETTLE_MS, undefined, { ref: false })]);
    },
  };
}

async function dispatch(
  channel: EventChannel,
  ports: DispatcherPorts,
  stopping: AbortSignal,
  ending: AbortSignal,
): Promise<void> {
  let consumer: EventConsumer | undefined;
  while (!stopping.aborted) {
    try {
      consumer ??= await ports.outbox.consumer(channel.name);
      if (await consumer.hold()) await consume({ channel, consumer, ports, stopping, ending });
    } catch (error) {
      if (stopping.aborted) return;
      const { code, message } = toSlipwayError(error);
      ports.log.warn({ channel: channel.name, code, reason: message }, 'channel interrupted');
    }
    await sleep(LOOK_MS, undefined, { signal: stopping }).catch(() => undefined);
  }
}

/** Delivers until the channel's lease is lost or the process stops. */
async function consume(run: Run): Promise<void> {
  const { channel, consumer, ports, stopping, ending } = run;
  const lost = new AbortController();
  const lease = keepHolding(consumer, lost);
  const attempts = {
    mayDeliver: () => !stopping.aborted && lease.isHeld(),
    limiter: ports.limiter(),
    signal: AbortSignal.any([lost.signal, ending]),
    waiting: AbortSignal.any([lost.signal, stopping]),
  };
  const lanes = createLanes<WaitingEvent>(
    ({ target }) => target,
    async (waits) => {
      try {
        const isOver = await deliver(channel, waits, attempts, { ...ports, consumer });
        if (isOver) await consumer.acknowledge([waits.cursor]);
      } catch (error) {
        lost.abort(error);
      }
    },
  );
  try {
    await readInto(lanes, run, attempts.mayDeliver);
    lost.signal.throwIfAborted();
  } finally {
    if (!stopping.aborted) lost.abort();
    await lanes.idle();
    lease.stop();
    await consumer.release();
  }
}

/** First what an earlier holder received and did not acknowledge, then what is new. */
async function readInto(lanes: Lanes<WaitingEvent>, run: Run, mayDeliver: () => boolean): Promise<void> {
  const { channel, consumer, ports } = run;
  let after: EventCursor | undefined;
  let isNew = false;
  while (mayDeliver()) {
    const batch: EventBatch | undefined = isNew
      ? await consumer.next(BATCH)
      : await consumer.unacknowledged(after, BATCH);
    if (!batch) return;
    reportLost(channel, batch, ports);
    const wanted = batch.events.filter(
      ({ event }) => channel.wants === 'all' || channel.wants.has(event.kind),
    );
    await consumer.acknowledge(
      batch.events.filter((one) => !wanted.includes(one)).map(({ cursor }) => cursor),
    );
    for (const { cursor, writtenAt, event } of wanted) {
      lanes.add({ cursor, writtenAt, target: event.target, kind: event.kind });
    }
    await lanes.room(MAX_HELD);
    if (isNew && batch.cursor === undefined) await ports.arrivals();
    isNew ||= batch.cursor === undefined;
    after = batch.cursor;
  }
}

function reportLost({ name }: EventChannel, { lost }: EventBatch, { metrics, log }: DispatcherPorts): void {
  if (lost === 0) return;
  metrics.events.inc({ channel: name, result: 'lost' }, lost);
  log.error({ channel: name, events: lost }, LOST);
}

/** Extends the lease while it lasts; aborts `lost` when another process has it, or Redis has not responded for that long. */
function keepHolding(consumer: EventConsumer, lost: AbortController) {
  const { leaseMs } = consumer;
  let heldUntil = performance.now() + leaseMs;
  const isHeld = () => !lost.signal.aborted && performance.now() < heldUntil;

  const lose = (reason: string) => lost.abort(new SlipwayError('LEASE_LOST', reason));

  async function extend(): Promise<void> {
    const askedAt = performance.now();
    if (!isHeld()) return lose('Redis has not extended the lease in time');
    if (await consumer.hold()) heldUntil = askedAt + leaseMs;
    else lose('another process consumes for this channel');
  }
  const timer = setInterval(() => void extend().catch(() => undefined), leaseMs / 3);
  timer.unref();
  return { isHeld, stop: () => clearInterval(timer) };
}
