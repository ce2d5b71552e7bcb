import type { Delivery, DeliveryState } from '../model/delivery.ts';
import type { NewDelivery } from '../ports/deliveries.ts';
import type { DeliveryKeys } from './deliveries-keys.ts';
import { pullsKey } from './deliveries-keys.ts';

/** One delivery as the accept script takes it; undefined fields are absent from the record. */
export function toScript(delivery: NewDelivery, keys: DeliveryKeys) {
  const { id, repository, ignored, merged, known: _known, ...recorded } = delivery;
  const fields = Object.entries({ ...recorded, repository });
  const pull =
    merged && repository !== undefined
      ? [pullsKey(keys, repository, merged.mergeCommit).slice(keys.pulls.length), merged.number, merged.head]
      : undefined;
  return {
    id,
    repository,
    ignored,
    known: delivery.known && repository !== undefined,
    pull,
    fields: fields.flatMap(([name, value]) => (value === undefined ? [] : [name, value])),
  };
}

const states: readonly string[] = ['waiting', 'done', 'ignored', 'failed'] satisfies DeliveryState[];

function isState(text: string | undefined): text is DeliveryState {
  return text !== undefined && states.includes(text);
}

/** Reads the hash of a record; undefined if there is none. */
export function toDelivery(id: string, hash: Record<string, string>): Delivery | undefined {
  if (!isState(hash.state)) return undefined;
  return {
    id,
    kind: hash.kind === 'poll' ? 'poll' : 'webhook',
    forge: hash.forge ?? '',
    event: hash.event ?? '',
    repository: hash.repository,
    ref: hash.ref,
    commit: hash.commit,
    sender: hash.sender,
    defaultBranch: hash.defaultBranch,
    receivedAt: Number(hash.receivedAt),
    state: hash.state,
    outcome: hash.outcome === '' ? undefined : hash.outcome,
    endedAt: hash.endedAt === undefined ? undefined : Number(hash.endedAt),
    repeats: Number(hash.repeats ?? 0),
    targets: hash.targets ? hash.targets.split('\n') : [],
  };
}

/** Reads `[name, value, name, value]`, as scripts return hashes. */
export function fromPairs(pairs: string[]): Record<string, string> {
  const hash: Record<string, string> = {};
  for (let at = 0; at + 1 < pairs.length; at += 2) hash[pairs[at] ?? ''] = pairs[at + 1] ?? '';
  return hash;
}
