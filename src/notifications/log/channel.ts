import { describeOutcome, hintOf } from '../../model/describe-outcome.ts';
import type { EventRelease } from '../../model/release-event.ts';
import type { StoredEvent } from '../../ports/outbox.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { EventChannel } from '../channel.ts';

export interface LogChannelPorts {
  log: Logger;
}

/** One line of structured log per event, for log shippers: the message is fixed, and `id` tells a repeated line. */
export function createLogChannel({ log }: LogChannelPorts): EventChannel {
  return {
    trigger: 'events',
    name: 'log',
    wants: 'all',
    async deliver(stored) {
      log.info(fieldsOf(stored), 'release event');
    },
  };
}

function fieldsOf({ cursor, event }: StoredEvent) {
  const { kind, at, target, commit, cause } = event;
  const ids = { id: cursor, event: kind, at: new Date(at).toISOString(), target, commit, cause };
  if (event.kind === 'queued') return ids;
  const supersededBy = event.kind === 'superseded' ? event.supersededBy : undefined;
  return { ...ids, ...(event.release ? releaseFields(event.release) : {}), supersededBy };
}

/** Log shippers index flat fields: the failure and the notices are one text, beside the code and the next step. */
function releaseFields({ id, failure, notices, namespace, ...rest }: EventRelease) {
  const said = { ...rest, failure, notices, namespace };
  const reason = rest.state === 'superseded' ? undefined : describeOutcome(said);
  return { release: id, ...rest, code: failure?.code, reason, hint: hintOf(said) };
}
