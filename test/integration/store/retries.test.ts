import type { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ErrorCode } from '../../../src/model/error-code.ts';
import type { Release } from '../../../src/model/release.ts';
import { createDesiredStore } from '../../../src/store/desired.ts';
import { createReleaseStore } from '../../../src/store/releases.ts';
import { createRetries } from '../../../src/store/retries.ts';
import { type StateKeys, stateKeys } from '../../../src/store/state-keys.ts';
import { found } from '../../support/found.ts';
import { testRedis } from '../../support/redis.ts';
import { uniquePrefix } from '../../support/sandbox.ts';

const repository = 'github/acme/web';
const repetition = { ms: 1, reached: 'queued', isOver: true } as const;

let redis: Redis;
let keys: StateKeys;

beforeEach(() => {
  redis = testRedis();
  keys = stateKeys(uniquePrefix());
});
afterEach(() => redis.disconnect());

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index);
const idOf = (number: number) => found(`app-${number}`, '').target.id;

async function desire(count: number): Promise<void> {
  const desired = createDesiredStore(redis, keys);
  const all = upTo(count).map((number) => found(`app-${number}`, 'one'));
  await desired.setDesired(repository, await desired.nextSequence(repository), all);
}

async function write(number: number, how: Partial<Release>): Promise<void> {
  const releases = createReleaseStore(redis, keys);
  const record = await releases.record(idOf(number));
  if (!record?.desired) throw new Error('nothing desired');
  await redis.set(keys.lease(idOf(number)), 'run');
  const release = record.last ?? (await releases.start(record.desired, 0, 'run'));
  await releases.write({ ...release, repetition: undefined, failure: undefined, ...how }, 'run');
}

const fail = (number: number, code: ErrorCode = 'CLUSTER_UNREACHABLE') =>
  write(number, { state: 'failed', failure: { code, summary: 'away' }, repetition });

/** As after two minutes. */
async function letTimePass(): Promise<void> {
  for (const obstacle of await redis.hkeys(keys.retries)) {
    const list = `${keys.retries}:${obstacle}`;
    for (const id of await redis.zrange(list, '0', '-1')) await redis.zadd(list, 0, id);
  }
}

const take = async () => (await createRetries(redis, keys).take()).map(({ target }) => target);

describe('targets whose release failed with what may pass', () => {
  it('are due after a while, and after each attempt in vain once more', async () => {
    await desire(1);
    await fail(0);
    expect(await take()).toEqual([]);
    await letTimePass();
    expect(await createRetries(redis, keys).take()).toEqual([{ target: idOf(0), cluster: 'prod', index: 0 }]);
    expect(await take()).toEqual([]);
    await letTimePass();
    expect(await take()).toEqual([idOf(0)]);
  });

  it('are tried a few at a time, each in turn, as long as none of them comes through', async () => {
    await desire(10);
    for (const number of upTo(10)) await fail(number);
    await letTimePass();
    const [first, second, third] = [await take(), await take(), await take()];
    expect([first.length, second.length, third.length]).toEqual([4, 4, 2]);
    expect(new Set([...first, ...second, ...third]).size).toBe(10);
  });

  it.each([
    { how: 'has succeeded', written: { state: 'succeeded' }, left: 1_499 },
    { how: 'is verifying', written: { state: 'verifying', repetition }, left: 1_500 },
  ] as const)('are all tried once one of them $how', async ({ written, left }) => {
    await desire(1_500);
    for (const number of upTo(1_500)) await fail(number);
    await letTimePass();
    expect(await take()).toHaveLength(4);
    await write(0, written);
    await letTimePass();
    const all = [...(await take()), ...(await take())];
    expect(new Set(all).size).toBe(left);
    await letTimePass();
    expect(await take()).toHaveLength(4);
  });

  it('do not wait for those of another cluster or forge', async () => {
    await desire(12);
    for (const number of upTo(6)) await fail(number);
    for (const number of upTo(6)) await fail(number + 6, 'GIT_UNREACHABLE');
    await letTimePass();
    const ofCluster: string[] = upTo(6).map(idOf);
    const taken = await take();
    expect(taken.filter((id) => ofCluster.includes(id))).toHaveLength(4);
    expect(taken).toHaveLength(8);
    expect((await redis.hkeys(keys.retries)).sort()).toEqual(['cluster:prod', 'forge:github']);
  });

  it('are forgotten once their release has ended otherwise', async () => {
    await desire(3);
    for (const number of upTo(3)) await fail(number);
    await write(0, { state: 'succeeded' });
    await write(1, { state: 'failed', failure: { code: 'OBJECT_REFUSED', summary: 'no' } });
    await fail(2, 'GIT_UNREACHABLE');
    await letTimePass();
    expect(await take()).toEqual([idOf(2)]);
    await write(2, { state: 'superseded' });
    await letTimePass();
    await take();
    expect(await redis.keys(`${keys.retries}*`)).toEqual([]);
  });
});
