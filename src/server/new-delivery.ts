import { SlipwayError } from '../errors.ts';
import type { WebhookEvent } from '../model/delivery.ts';
import type { RepositoryId } from '../model/target.ts';
import type { NewDelivery } from '../ports/deliveries.ts';

/** The id is not covered by GitHub's signature, so it is bounded here. */
const LONGEST_ID = 200;
const LONGEST_FIELD = 1_000;

/** Well-formed and bounded: half of a surrogate pair cannot be stored, and cutting may leave one. */
function clip(text: string | undefined): string | undefined {
  return text?.slice(0, LONGEST_FIELD).toWellFormed();
}

/**
 * What is recorded of a verified webhook. A repository that no project allows, or an event that names none,
 * is ignored with the reason. Throws BODY_INVALID for an id that no forge would send.
 */
export function newDelivery(
  forge: string,
  event: WebhookEvent,
  refusal: (repository: RepositoryId) => string | undefined,
  now: number,
): NewDelivery {
  if (event.id === '' || event.id.length > LONGEST_ID) {
    throw new SlipwayError('BODY_INVALID', `the delivery's id must have 1 to ${LONGEST_ID} characters`);
  }
  const { repository } = event;
  const refused = repository === undefined ? undefined : refusal(repository);
  const nameless = repository === undefined ? 'the event names no repository' : undefined;
  return {
    id: `${forge}:${event.id}`,
    kind: 'webhook',
    forge,
    event: clip(event.event) ?? '',
    repository: clip(repository),
    ref: clip(event.ref),
    commit: clip(event.commit),
    sender: clip(event.sender),
    defaultBranch: clip(event.defaultBranch),
    receivedAt: now,
    ignored: clip(refused ?? event.ignored ?? nameless),
    merged: refused === undefined ? event.merged : undefined,
    known: repository !== undefined && refused === undefined,
  };
}
