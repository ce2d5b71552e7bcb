import { randomUUID } from 'node:crypto';
import type { Cluster, Redis } from 'ioredis';
import { SlipwayError } from '../errors.ts';
import type { TargetId } from '../model/target.ts';
import type { Leases } from '../ports/leases.ts';
import type { Lease } from '../ports/releases.ts';

export interface LeaseKeys {
  lease: (target: TargetId) => string;
  target: (target: TargetId) => string;
}

/** Leases checked at a time: of a thousand waiting releases each tick checks a part, which keeps the load on Redis low. */
const CHECKS_AT_ONCE = 100;

/** This check finds what a lost message announced; `checkLease` asks Redis no more often. */
const CHECK_MS = 1_000;

/** Longer than any release; it only removes the keys of targets that no longer exist. */
const KEEP_SECONDS = 24 * 3600;

interface Running {
  target: TargetId;
  fencingToken: string;
  /** The revision that the run deploys; 0: not read yet. */
  revision: number;
  newer: AbortController;
  lost: AbortController;
}

/**
 * Leases with fencing tokens. Tokens are random and compared for equality, because numbers would restart when Redis is
 * emptied. One subscription and one check a second serve every release of the process.
 */
export async function createLeases(
  redis: Redis | Cluster,
  subscriber: Redis | Cluster,
  keys: LeaseKeys,
  channel: string,
): Promise<Leases> {
  const running = new Map<string, Running>();

  async function check(entries: Running[]): Promise<void> {
    if (entries.length === 0) return;
    const batch = redis.pipeline();
    for (const { target } of entries) {
      batch.get(keys.lease(target));
      batch.hget(keys.target(target), 'revision');
    }
    const responses = (await batch.exec()) ?? [];
    for (const [i, entry] of entries.entries()) {
      if (responses[2 * i]?.[1] !== entry.fencingToken) entry.lost.abort(leaseLost(entry.target));
      else if (Number(responses[2 * i + 1]?.[1] ?? 0) > entry.revision) {
        entry.newer.abort(new SlipwayError('SUPERSEDED', 'a newer revision is desired'));
      }
    }
  }

  const known = () => [...running.values()].filter((entry) => entry.revision > 0);
  /** Those that were checked longest ago; a map keeps the order in which its entries were set. */
  const next = () => {
    const some = known().slice(0, CHECKS_AT_ONCE);
    for (const entry of some) {
      running.delete(entry.fencingToken);
      running.set(entry.fencingToken, entry);
    }
    return some;
  };
  // While Redis is down, no write succeeds; the next check after it is back finds what was missed.
  const timer = setInterval(() => void check(next()).catch(() => {}), CHECK_MS);
  timer.unref();
  subscriber.on('message', (_channel: string, target: string) => {
    void check(known().filter((entry) => entry.target === target)).catch(() => {});
  });
  await subscriber.subscribe(channel);

  return {
    async take(target, jobSignal) {
      const fencingToken = randomUUID();
      await redis.set(keys.lease(target), fencingToken, 'EX', KEEP_SECONDS);
      const newer = new AbortController();
      const lost = new AbortController();
      const signal = AbortSignal.any([jobSignal, lost.signal]);
      let checkedAt = performance.now();
      const lease: Lease = {
        fencingToken,
        signal,
        newer: newer.signal,
        async checkLease() {
          signal.throwIfAborted();
          newer.signal.throwIfAborted();
          if (performance.now() - checkedAt < CHECK_MS) return;
          if ((await redis.get(keys.lease(target))) !== fencingToken) throw leaseLost(target);
          checkedAt = performance.now();
        },
      };
      running.set(fencingToken, { target, fencingToken, revision: 0, newer, lost });
      return lease;
    },
    serve(lease, revision) {
      const entry = running.get(lease.fencingToken);
      if (entry) entry.revision = revision;
    },
    release(lease) {
      running.delete(lease.fencingToken);
    },
    async close() {
      clearInterval(timer);
      await subscriber.unsubscribe(channel);
    },
  };
}

function leaseLost(target: TargetId): SlipwayError {
  return new SlipwayError('LEASE_LOST', `another run has taken over ${target}`);
}
