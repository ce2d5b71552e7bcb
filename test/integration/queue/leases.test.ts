import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Leases } from '../../../src/ports/leases.ts';
import { createLeases } from '../../../src/queue/leases.ts';
import { type StateKeys, stateKeys } from '../../../src/store/state-keys.ts';
import { testRedis } from '../../support/redis.ts';
import { uniquePrefix } from '../../support/sandbox.ts';

const web = 'github/acme/web//web@production';
const neverAborts = new AbortController().signal;

let redis: Redis;
let keys: StateKeys;

beforeEach(() => {
  redis = testRedis();
  keys = stateKeys(uniquePrefix());
  onTestFinished(() => redis.disconnect());
});

/** The leases of one process. */
async function leasesOfProcess(): Promise<Leases> {
  const subscriber = testRedis();
  const leases = await createLeases(redis, subscriber, keys, keys.desiredChannel);
  onTestFinished(async () => {
    await leases.close();
    subscriber.disconnect();
  });
  return leases;
}

const aborted = (signal: AbortSignal) =>
  signal.aborted ||
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(true), { once: true }));

describe('the lease of a target', () => {
  it('belongs to the run that took it last, and is lost to the one before', async () => {
    const [here, there] = [await leasesOfProcess(), await leasesOfProcess()];
    const first = await here.take(web, neverAborts);
    here.serve(first, 1);
    const second = await there.take(web, neverAborts);
    there.serve(second, 1);
    await aborted(first.signal);
    expect(first.signal.reason).toMatchObject({ code: 'LEASE_LOST' });
    await expect(first.checkLease()).rejects.toMatchObject({ code: 'LEASE_LOST' });
    await sleep(1_100);
    await expect(second.checkLease()).resolves.toBeUndefined();
  });

  it('is found lost by checkLease even before the periodic check', async () => {
    const leases = await leasesOfProcess();
    const lease = await leases.take(web, neverAborts);
    await redis.set(keys.lease(web), 'another run');
    await sleep(1_100);
    await expect(lease.checkLease()).rejects.toMatchObject({ code: 'LEASE_LOST' });
  });

  it.each([-600_000, 600_000])('is found lost in time if the wall clock is set by %i ms', async (ms) => {
    vi.useFakeTimers({ toFake: ['Date', 'performance'] });
    onTestFinished(() => void vi.useRealTimers());
    const leases = await leasesOfProcess();
    const lease = await leases.take(web, neverAborts);
    await redis.set(keys.lease(web), 'another run');
    vi.setSystemTime(Date.now() + ms);
    await lease.checkLease();
    vi.advanceTimersByTime(1_001);
    await expect(lease.checkLease()).rejects.toMatchObject({ code: 'LEASE_LOST' });
  });

  it('is lost when Redis is emptied', async () => {
    const leases = await leasesOfProcess();
    const lease = await leases.take(web, neverAborts);
    leases.serve(lease, 7);
    await redis.del(keys.lease(web));
    await aborted(lease.signal);
    expect(lease.newer.aborted).toBe(false);
  });

  it.each([
    ['by the message, without waiting for the next check', true],
    ['by the next check, if the message is lost', false],
  ])('learns of a newer revision %s', async (_name, published) => {
    if (published) vi.useFakeTimers({ toFake: ['setInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    const leases = await leasesOfProcess();
    const lease = await leases.take(web, neverAborts);
    await redis.hset(keys.target(web), 'revision', 1);
    leases.serve(lease, 1);
    await redis.hset(keys.target(web), 'revision', 2);
    if (published) await redis.publish(keys.desiredChannel, web);
    await aborted(lease.newer);
    await expect(lease.checkLease()).rejects.toMatchObject({ code: 'SUPERSEDED' });
  });

  it('ends when its job is aborted', async () => {
    const leases = await leasesOfProcess();
    const job = new AbortController();
    const lease = await leases.take(web, job.signal);
    job.abort(new Error('taken away'));
    await expect(lease.checkLease()).rejects.toThrow('taken away');
  });
});
