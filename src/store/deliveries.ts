import type { Cluster, Redis } from 'ioredis';
import { z } from 'zod';
import type { Delivery } from '../model/delivery.ts';
import type { RepositoryId } from '../model/target.ts';
import type {
  Accepted,
  Deliveries,
  DeliveryEnding,
  DeliveryFilter,
  NewDelivery,
  WaitingDelivery,
  WakeUp,
} from '../ports/deliveries.ts';
import { deliveryKeys, pullsKey } from './deliveries-keys.ts';
import { fromPairs, toDelivery, toScript } from './deliveries-record.ts';
import { acceptScript, claimScript, endScript } from './deliveries-scripts.ts';
import { reached } from './reach.ts';
import { runScript } from './script.ts';
import { ALL, overdueScript } from './waiting-scripts.ts';

export interface DeliveryBounds {
  /** With a hash tag: `redis.prefix` of server.yaml. */
  prefix: string;
  /** Milliseconds a record is kept. */
  keepMs: number;
  /** Records kept at most; the oldest go first. */
  keepCount: number;
}

const acceptResult = z.array(
  z.tuple([z.enum(['waiting', 'done', 'ignored', 'failed']), z.string(), z.boolean(), z.number()]),
);
const claimResult = z.array(z.tuple([z.string(), z.array(z.string()), z.number()]));

/** Records looked through in one round trip of a filtered list. */
const PAGE = 200;

export function createDeliveries(redis: Redis | Cluster, bounds: DeliveryBounds): Deliveries {
  const keys = deliveryKeys(bounds.prefix);

  async function accept(batch: NewDelivery[], enqueued: WakeUp[]): Promise<Accepted[]> {
    const response = await runScript(
      redis,
      acceptScript,
      [keys.index, keys.waitingRepositories, keys.repositories, keys.claims, keys.enqueued],
      [
        JSON.stringify(batch.map((delivery) => toScript(delivery, keys))),
        bounds.keepMs,
        bounds.keepCount,
        keys.record,
        keys.waiting,
        keys.pulls,
        JSON.stringify(enqueued),
      ],
    );
    const results = acceptResult.parse(JSON.parse(String(response)));
    return batch.map(({ id, repository }, at) => {
      const [state, outcome, repeated, claims] = results[at] ?? ['failed', '', false, -1];
      const wakeUp = repository === undefined || claims < 0 ? undefined : { repository, claims };
      return { id, state, outcome: outcome === '' ? undefined : outcome, repeated, wakeUp };
    });
  }

  async function claim(repository: RepositoryId): Promise<WaitingDelivery[]> {
    const waiting = [keys.waiting + repository, keys.waitingRepositories, keys.claims, keys.enqueued];
    const response = await runScript(redis, claimScript, waiting, [repository, keys.record]);
    return claimResult.parse(response).flatMap(([id, pairs, waitedMs]) => {
      const delivery = toDelivery(id, fromPairs(pairs));
      return delivery ? [{ ...delivery, waitedMs }] : [];
    });
  }

  async function end(ids: string[], { state, outcome, targets }: DeliveryEnding): Promise<void> {
    if (ids.length === 0) return;
    const args = [keys.record, keys.waiting, state, outcome, targets.join('\n'), ...ids];
    await runScript(redis, endScript, [keys.waitingRepositories], args);
  }

  async function load(ids: string[]): Promise<Delivery[]> {
    const hashes = await Promise.all(ids.map((id) => redis.hgetall(keys.record + id)));
    return ids.flatMap((id, at) => toDelivery(id, hashes[at] ?? {}) ?? []);
  }

  async function list({ limit, repository, state, scope }: DeliveryFilter): Promise<Delivery[]> {
    const found: Delivery[] = [];
    const filtered = repository !== undefined || state !== undefined || scope !== undefined;
    const page = filtered ? PAGE : Math.min(limit, PAGE);
    for (let from = 0; found.length < limit; from += page) {
      const ids = await redis.zrange(keys.index, from, String(from + page - 1), 'REV');
      for (const delivery of await load(ids)) {
        if (repository !== undefined && delivery.repository !== repository) continue;
        if (state !== undefined && delivery.state !== state) continue;
        if (scope && !(delivery.repository && scope.includes(delivery.repository))) continue;
        found.push(delivery);
      }
      if (ids.length < page) break;
    }
    return found.slice(0, limit);
  }

  return {
    accept: (batch, enqueued = []) => reached(accept(batch, enqueued)),
    claim: (repository) => reached(claim(repository)),
    end: (ids, ending) => reached(end(ids, ending)),
    async overdue(olderThanMs) {
      const asked = runScript(redis, overdueScript, [keys.waitingRepositories], [olderThanMs, ALL]);
      return z.array(z.string()).parse(await reached(asked));
    },
    list: (filter) => reached(list(filter)),
    get: (id) => reached(redis.hgetall(keys.record + id)).then((hash) => toDelivery(id, hash)),
    repositories: () => reached(redis.zrange(keys.repositories, 0, '-1')),
    pullsOf: async (repository, commit) => {
      const heads = await reached(redis.hgetall(pullsKey(keys, repository, commit)));
      return Object.entries(heads).map(([number, head]) => ({ number: Number(number), head }));
    },
  };
}
