import { setTimeout as sleep } from 'node:timers/promises';
import { type SlipwayError, toSlipwayError } from '../errors.ts';
import { backoffMs } from '../model/backoff.ts';
import { flowOf } from '../model/flow.ts';
import { repositoryOf } from '../model/target.ts';
import type { Limiter } from '../ports/limiter.ts';
import type { ReceivedEvent, StoredEvent } from '../ports/outbox.ts';
import type { Projects } from '../ports/projects.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { EventChannel } from './channel.ts';

/** A receiver that is down for longer than this misses the event: nobody acts on older news. */
const GIVE_UP_AFTER_MS = 24 * 3_600_000;

/** An internal error is a bug; its cause may pass, but it must not hold back the target's later events for a day. */
const TRIES_OF_A_BUG = 3;

export interface DeliveryPorts {
  projects: Pick<Projects, 'projectOf'>;
  log: Logger;
  metrics: Pick<Metrics, 'events'>;
}

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
  stored: ReceivedEvent,
  attempts: Attempts,
  ports: DeliveryPorts,
): Promise<boolean> {
  const { mayDeliver, waiting } = attempts;
  const flow = flowOf(ports.projects.projectOf(repositoryOf(stored.event.target)));
  for (let tries = 1; mayDeliver(); tries += 1) {
    const result = await tryInTurn(channel, stored, flow, attempts);
    if (result === 'stopped') return false;
    if (result === 'delivered' || isGivenUp(result, stored, tries)) {
      note(channel, stored, result, ports);
      return true;
    }
    ports.metrics.events.inc({ channel: channel.name, result: 'retried' });
    if (tries === 1) ports.log.warn(fieldsOf(channel, stored, result), 'event delivery is retried');
    await sleep(backoffMs(tries, result.retryAfterMs), undefined, { signal: waiting }).catch(() => undefined);
  }
  return false;
}

async function tryInTurn(
  channel: EventChannel,
  stored: StoredEvent,
  flow: string,
  { mayDeliver, limiter, signal, waiting }: Attempts,
): Promise<'delivered' | 'stopped' | SlipwayError> {
  const leave = await limiter.acquire(flow, waiting).catch(() => undefined);
  try {
    if (!leave || !mayDeliver()) return 'stopped';
    await channel.deliver(stored, signal);
    return 'delivered';
  } catch (error) {
    return signal.aborted ? 'stopped' : toSlipwayError(error);
  } finally {
    leave?.();
  }
}

function isGivenUp({ code, retryable }: SlipwayError, { writtenAt }: ReceivedEvent, tries: number): boolean {
  if (!retryable || performance.now() - writtenAt > GIVE_UP_AFTER_MS) return true;
  return code === 'INTERNAL' && tries >= TRIES_OF_A_BUG;
}

function note(
  channel: EventChannel,
  stored: StoredEvent,
  result: 'delivered' | SlipwayError,
  { metrics, log }: DeliveryPorts,
): void {
  const isDelivered = result === 'delivered';
  metrics.events.inc({ channel: channel.name, result: isDelivered ? result : 'dropped' });
  if (!isDelivered) log.error(fieldsOf(channel, stored, result), 'event not delivered');
}

function fieldsOf({ name }: EventChannel, { cursor, event }: StoredEvent, { code, message }: SlipwayError) {
  return { channel: name, id: cursor, event: event.kind, target: event.target, code, reason: message };
}
