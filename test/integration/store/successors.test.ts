import type { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SuccessorStore } from '../../../src/ports/successors.ts';
import { LOSSES, type StateKeys, stateKeys, tookField } from '../../../src/store/state-keys.ts';
import { createSuccessorStore } from '../../../src/store/successors.ts';
import { testRedis } from '../../support/redis.ts';
import { uniquePrefix } from '../../support/sandbox.ts';

const owner = 'github/acme/web//shop@production';
const target = 'github/acme/web//jobs@production';

let redis: Redis;
let keys: StateKeys;
let successors: SuccessorStore;

beforeEach(async () => {
  redis = testRedis();
  keys = stateKeys(uniquePrefix());
  successors = createSuccessorStore(redis, keys);
  await redis.set(keys.lease(target), 'newer run');
  await redis.hset(keys.target(target), tookField(owner), 1);
});
afterEach(() => redis.disconnect());

type Write = (store: SuccessorStore, fencingToken: string) => Promise<void>;

const all = async () => ({
  owner: await redis.hgetall(keys.target(owner)),
  successor: await redis.hgetall(keys.target(target)),
  ofOwner: await redis.hgetall(keys.successors(owner)),
  ofSuccessor: await redis.hgetall(keys.successors(target)),
});

describe.each<[string, Write, object]>([
  [
    'was refused',
    (store, fencingToken) => store.refused(owner, { target, fencingToken }, 7),
    { ofOwner: { [target]: '7' } },
  ],
  [
    'takes all objects over',
    (store, fencingToken) => store.takes(owner, { target, fencingToken }),
    { ofOwner: { [target]: 'takes' }, successor: { [tookField(owner)]: '1' } },
  ],
  [
    'takes some objects over',
    (store, fencingToken) => store.takesSome(owner, { target, fencingToken }, 3),
    { owner: { [LOSSES]: '1' }, ofSuccessor: { [owner]: '3' } },
  ],
  [
    'has enqueued the owners',
    (store, fencingToken) => store.settled({ target, fencingToken }, [owner]),
    { successor: {} },
  ],
])('a successor that %s', (_, write, expected) => {
  it('is recorded', async () => {
    const before = await all();
    await write(successors, 'newer run');
    expect(await all()).toEqual({ ...before, ...expected });
  });

  it('is not recorded by a run that has lost its lease', async () => {
    const before = await all();
    await expect(write(successors, 'older run')).rejects.toMatchObject({ code: 'LEASE_LOST' });
    expect(await all()).toEqual(before);
  });
});
