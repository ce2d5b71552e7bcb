import type { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Release } from '../../../src/model/release.ts';
import { createDesiredStore } from '../../../src/store/desired.ts';
import { createReleaseStore } from '../../../src/store/releases.ts';
import { type StateKeys, stateKeys } from '../../../src/store/state-keys.ts';
import { found } from '../../support/found.ts';
import { testRedis } from '../../support/redis.ts';
import { uniquePrefix } from '../../support/sandbox.ts';

const DAY_MS = 86_400_000;
const { target } = found('web', '');

let redis: Redis;
let keys: StateKeys;
beforeEach(() => {
  redis = testRedis();
  keys = stateKeys(uniquePrefix());
});
afterEach(() => redis.disconnect());

/** Ends this many releases of the target, each so many days ago. */
async function endReleases(daysAgo: number[], end: Partial<Release> = {}): Promise<Release[]> {
  const desired = createDesiredStore(redis, keys);
  const releases = createReleaseStore(redis, keys, { floor: 3, maxCount: 6, maxAgeMs: 30 * DAY_MS });
  await redis.set(keys.lease(target.id), 'run');
  const ended: Release[] = [];
  for (const days of daysAgo) {
    const sequence = await desired.nextSequence(target.repository);
    await desired.setDesired(target.repository, sequence, [found('web', `key-${Math.random()}`)]);
    const record = await releases.record(target.id);
    if (!record?.desired) throw new Error('nothing desired');
    const started = await releases.start(record.desired, 0, 'run');
    const at = Date.now() - days * DAY_MS;
    await releases.write(started, 'run');
    const release = { ...started, state: 'succeeded', startedAt: at, endedAt: at, ...end } as const;
    await releases.write(release, 'run', { changes: [] });
    ended.push(release);
  }
  return ended;
}

const numbersKept = async () =>
  (await createReleaseStore(redis, keys).history(target.id, 100)).map(({ number }) => number);

/** Milliseconds until a release and its change set expire; -1: never, -2: it is gone. */
async function expiryOf({ id }: Release): Promise<[number, number]> {
  return [await redis.pttl(keys.release(id)), await redis.pttl(keys.changes(id))];
}

describe('releases of a target', () => {
  it('stay with their change sets while they are among the last, however old they are', async () => {
    const all = await endReleases([400, 300, 200]);

    expect(await numbersKept()).toEqual([3, 2, 1]);
    expect(await Promise.all(all.map(expiryOf))).toEqual([
      [-1, -1],
      [-1, -1],
      [-1, -1],
    ]);
    expect(await redis.pttl(keys.history(target.id))).toBe(-1);
  });

  it('go by age once they are no longer among the last', async () => {
    const [old, young] = await endReleases([31, 10, 9, 8, 7]);
    if (!old || !young) throw new Error('no releases');

    expect(await numbersKept()).toEqual([5, 4, 3, 2]);
    expect(await expiryOf(old)).toEqual([-2, -2]);
    for (const expiry of await expiryOf(young)) {
      expect(expiry).toBeGreaterThan(19 * DAY_MS);
      expect(expiry).toBeLessThanOrEqual(20 * DAY_MS);
    }
  });

  it('go by count, although they are young', async () => {
    const [first, second] = await endReleases([0, 0, 0, 0, 0, 0, 0]);
    if (!first || !second) throw new Error('no releases');

    expect(await numbersKept()).toEqual([7, 6, 5, 4, 3, 2]);
    expect(await expiryOf(first)).toEqual([-2, -2]);
    expect((await expiryOf(second))[0]).toBeGreaterThan(0);
  });

  it('leave no id in the history whose record is gone', async () => {
    await endReleases([90, 80, 70, 60, 50, 40]);

    expect(await redis.llen(keys.history(target.id))).toBe(3);
  });

  it('go thirty days after nothing of the target is left, and stay if it comes back', async () => {
    const [before] = await endReleases([5]);
    await endReleases([4], { forgotten: true });
    if (!before) throw new Error('no release');
    const gone = [...(await expiryOf(before)), await redis.pttl(keys.history(target.id))];
    await endReleases([3]);

    for (const expiry of gone) expect(expiry).toBeGreaterThan(29 * DAY_MS);
    expect(await expiryOf(before)).toEqual([-1, -1]);
    expect(await redis.pttl(keys.history(target.id))).toBe(-1);
    expect(await numbersKept()).toEqual([3, 2, 1]);
  });
});
