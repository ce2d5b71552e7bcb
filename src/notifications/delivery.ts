import { setTimeout as sleep } from 'node:timers/promises';
import { type SlipwayError, toSlipwayError } from '../errors.ts';
import { backoffMs } from '../model/backoff.ts';
import { flowOf } from '../model/flow.ts';
import type { ReleaseEvent } from '../model/release-event.ts';
import { repositoryOf, type TargetId } from '../model/target.ts';
import type { Limiter } from '../ports/limiter.ts';
import type { EventConsumer, EventCursor, StoredEvent } from '../ports/outbox.ts';
import type { Projects } from '../ports/projects.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { EventChannel } from './channel.ts';

/** A receiver that is down for longer than this misses the event: nobody acts on older news. */
const GIVE_UP_AFTER_MS = 24 * 3_600_000;

/** An internal error is a bug; its cause may pass, but it must not hold back the target's later events for a day. */
const TRIES_OF_A_BUG = 3;

/** An event that waits for its delivery. The event itself stays in Redis until it is its turn. */
export interface WaitingEvent {
  cursor: EventCursor;
  target: TargetId;
  kind: ReleaseEvent['kind'];
  /** `ReceivedEvent.writtenAt` */
  writtenAt: number;
}

export interface DeliveryPorts {
  consumer: Pick<EventConsumer, 'read'>;
  projects: Pick<Projects, 'projectOf'>;
  log: Logger;
  metrics: Pick<Metrics, 'events'>;
}

export const LOST = 'events lost: the channel lagged behind the bounded stream';

export interface Attempts {
  /** Whether this process may still deliver; asked before every try. */
  mayDeliver: () => boolean;
  /** Bounds how many deliveries run at once; projects take turns. */
  limiter: Limiter;
  /** Ends a delivery that runs. */
  signal: AbortSignal;
  /** Ends the wait for a turn, and between two tries. */
  waiting: AbortSignal;
}

/** Delivers one event, with retries. False: this process may no longer deliver, and the event is not done with. */
export async function deliver(
  channel: EventChannel,
  waits: WaitingEvent,
  attempts: Attempts,
  ports: DeliveryPorts,
): Promise<boolean> {
  const { mayDeliver, waiting } = attempts;
  const flow = flowOf(ports.projects.projectOf(repositoryOf(waits.target)));
  for (let tries = 1; mayDeliver(); tries += 1) {
    const result = await tryInTurn(channel, () => ports.consumer.read(waits.cursor), flow, attempts);
    if (result === 'stopped') return false;
    if (typeof result === 'string' || isGivenUp(result, waits, tries)) {
      note(channel, waits, result, ports);
      return true;
    }
    ports.metrics.events.inc({ channel: channel.name, result: 'retried' });
    if (tries === 1) ports.log.warn(fieldsOf(channel, waits, result), 'event delivery is retried');
    await sleep(backoffMs(tries, result.retryAfterMs), undefined, { signal: waiting }).catch(() => undefined);
  }
  return false;
}

async function tryInTurn(
  channel: EventChannel,
  read: () => Promise<StoredEvent | undefined>,
  flow: string,
  { mayDeliver, limiter, signal, waiting }: Attempts,
): Promise<'delivered' | 'lost' | 'stopped' | SlipwayError> {
  const leave = await limiter.acquire(flow, waiting).catch(() => undefined);
  try {
    if (!leave || !mayDeliver()) return 'stopped';
    const stored = await read();
    if (!stored) return 'lost';
    await channel.deliver(stored, signal);
    return 'delivered';
  } catch (error) {
    return signal.aborted ? 'stopped' : toSlipwayError(error);
  } finally {
    leave?.();
  }
}

function isGivenUp({ code, retryable }: SlipwayError, { writtenAt }: WaitingEvent, tries: number): boolean {
  if (!retryable || performance.now() - writtenAt > GIVE_UP_AFTER_MS) return true;
  return code === 'INTERNAL' && tries >= TRIES_OF_A_BUG;
}

function note(
  channel: EventChannel,
  waits: WaitingEvent,
  result: 'delivered' | 'lost' | SlipwayError,
  { metrics, log }: DeliveryPorts,
): void {
  const isError = typeof result !== 'string';
  metrics.events.inc({ channel: channel.name, result: isError ? 'dropped' : result });
  if (isError) log.error(fieldsOf(channel, waits, result), 'event not delivered');
  if (result === 'lost') log.error({ channel: channel.name, events: 1 }, LOST);
}

function fieldsOf({ name }: EventChannel, waits: WaitingEvent, { code, message }: SlipwayError) {
  const { cursor, kind, target } = waits;
  return { channel: name, id: cursor, event: kind, target, code, reason: message };
}
