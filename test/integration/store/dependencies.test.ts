import type { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DependencyStore, EdgeChange, Seen } from '../../../src/ports/dependencies.ts';
import { createDependencyStore } from '../../../src/store/dependencies.ts';
import { createDesiredStore } from '../../../src/store/desired.ts';
import { type StateKeys, stateKeys } from '../../../src/store/state-keys.ts';
import { found } from '../../support/found.ts';
import { testRedis } from '../../support/redis.ts';
import { uniquePrefix } from '../../support/sandbox.ts';

const loans = 'github/acme/web';
const infra = 'github/acme/infra';
const web = `${loans}//web@production`;
const api = `${loans}//api@production`;
const database = `${infra}//database@production`;
const cache = `${infra}//cache@production`;

describe('the dependency store', () => {
  let redis: Redis;
  let keys: StateKeys;
  let store: DependencyStore;
  let sequence = 0;

  beforeEach(() => {
    redis = testRedis();
    keys = stateKeys(uniquePrefix());
    store = createDependencyStore(redis, keys);
    sequence = 0;
  });
  afterEach(() => redis.disconnect());

  async function read(repository: string): Promise<Seen> {
    const seen: Seen = new Map();
    await store.ofRepository(repository, seen);
    return seen;
  }

  async function write(
    repository: string,
    changed: Record<string, string[]>,
    more: Partial<EdgeChange> = {},
  ) {
    sequence += 1;
    const seen = more.seen ?? (await read(repository));
    const change = { repository, sequence, changed: new Map(Object.entries(changed)), refusedBy: [] };
    return store.write({ ...change, ...more, seen });
  }

  /** Writes desired revisions for which no release has ended. */
  async function desire(...apps: string[]) {
    const desired = createDesiredStore(redis, keys);
    await desired.setDesired(
      loans,
      await desired.nextSequence(loans),
      apps.map((app) => found(app, '1')),
    );
  }

  const dependents = async (id: string) => (await redis.smembers(keys.dependents(id))).sort();

  it('returns the edges as written, of a repository or of some targets', async () => {
    await write(loans, { [web]: [database, cache], [api]: [database] });
    await write(infra, { [database]: [cache] });
    const seen: Seen = new Map();
    expect(await store.ofRepository(loans, seen)).toEqual(
      new Map([
        [web, [database, cache]],
        [api, [database]],
      ]),
    );
    expect(await store.of([web, database, cache], seen)).toEqual(
      new Map([
        [web, [database, cache]],
        [database, [cache]],
      ]),
    );
    expect([...seen]).toEqual([
      [loans, '1'],
      [infra, '1'],
    ]);
  });

  it('removes a dependent that no longer depends on the target', async () => {
    await write(loans, { [web]: [database, cache], [api]: [database] });
    await write(loans, { [web]: [cache], [api]: [] });
    expect(await dependents(database)).toEqual([]);
    expect(await dependents(cache)).toEqual([web]);
    expect(await store.ofRepository(loans, new Map())).toEqual(new Map([[web, [cache]]]));
  });

  it('writes nothing if a later intake has written', async () => {
    const seen = await read(loans);
    await write(loans, { [web]: [database] }, { sequence: 5 });
    expect(await write(loans, { [web]: [cache] }, { sequence: 4, seen })).toBe('late');
    expect(await dependents(cache)).toEqual([]);
  });

  it.each([
    ['another repository that was read', infra],
    ['the repository itself', loans],
  ])('writes nothing if %s has changed since', async (_, moves) => {
    const seen = new Map([...(await read(loans)), ...(await read(infra))]);
    await write(moves, { [`${moves}//x@production`]: [cache] });
    expect(await write(loans, { [web]: [database] }, { seen })).toBe('moved');
    expect(await dependents(database)).toEqual([]);
  });

  it('keeps the version if a write changes nothing, so that others need not read again', async () => {
    const seen = await read(loans);
    await write(loans, {});
    expect(await write(loans, { [web]: [database] }, { seen })).toMatchObject({ version: '1' });
  });

  it('returns the repositories refused through a repository that changes, until they are enqueued', async () => {
    await write(loans, {}, { refusedBy: [infra] });
    expect(await write(infra, {})).toMatchObject({ retry: [] });
    const changed = await write(infra, { [database]: [cache] });
    expect(changed).toEqual({ version: '1', retry: [loans] });
    // The intake died before it enqueued them.
    expect(await write(infra, {})).toEqual({ version: '1', retry: [loans] });
    await store.enqueued(infra, '1');
    expect(await write(infra, {})).toEqual({ version: '1', retry: [] });
    // After another look it is no longer refused.
    await write(loans, { [web]: [database] });
    expect(await write(infra, { [database]: [] })).toEqual({ version: '2', retry: [] });
  });

  it('returns the dependents that wait for a target, with their index in their push', async () => {
    await write(loans, { [web]: [database], [api]: [database], [`${loans}//done@production`]: [database] });
    await desire('done', 'api', 'web');
    await redis.hset(keys.target(`${loans}//done@production`), 'handled', 1);
    const waiting = await store.waiting(database);
    expect(waiting.toSorted((a, b) => a.index - b.index)).toEqual([
      { target: api, cluster: 'prod', index: 1 },
      { target: web, cluster: 'prod', index: 2 },
    ]);
  });

  it('returns a waiter without an edge once, and one with an edge every time', async () => {
    await write(loans, { [web]: [database] });
    await desire('web', 'api');
    await store.waitFor(database, web);
    await store.waitFor(database, api);
    const waiters = async () =>
      [...new Set((await store.waiting(database)).map(({ target }) => target))].sort();
    expect(await waiters()).toEqual([api, web]);
    expect(await waiters()).toEqual([web]);
  });
});
