import type { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { ChangeSet } from '../../../src/model/change-set.ts';
import type { Release } from '../../../src/model/release.ts';
import { createDesiredStore } from '../../../src/store/desired.ts';
import { createReleaseStore } from '../../../src/store/releases.ts';
import { type StateKeys, stateKeys } from '../../../src/store/state-keys.ts';
import { found } from '../../support/found.ts';
import { testRedis } from '../../support/redis.ts';
import { uniquePrefix } from '../../support/sandbox.ts';

const repository = 'github/acme/web';

describe('the end of a release', () => {
  let redis: Redis;
  let keys: StateKeys;

  beforeEach(() => {
    redis = testRedis();
    keys = stateKeys(uniquePrefix());
  });
  afterEach(() => redis.disconnect());

  /** Desires the commit for the targets with these numbers; returns those that moved. */
  async function push(numbers: number[], commit: string) {
    const desired = createDesiredStore(redis, keys);
    const all = numbers.map((number) => found(`app-${number}`, commit, commit));
    return desired.setDesired(repository, await desired.nextSequence(repository), all);
  }

  /** Whether the commit's overall status may have changed. */
  async function end(number: number, state: Release['state'] = 'succeeded'): Promise<boolean> {
    const releases = createReleaseStore(redis, keys);
    const { id } = found(`app-${number}`, '').target;
    const record = await releases.record(id);
    if (!record?.desired) throw new Error('nothing desired');
    await redis.set(keys.lease(id), 'run');
    const release = await releases.start(record.desired, 0, 'run');
    return (await releases.write({ ...release, state }, 'run', { changes: [] })).length > 0;
  }

  const upTo = (count: number) => Array.from({ length: count }, (_, index) => index);

  it('changes the report each time if each target has a context of its own', async () => {
    await push(upTo(10), 'one');
    expect([await end(0), await end(1)]).toEqual([true, true]);
  });

  it('of one among many changes the report only if it failed or was the last', async () => {
    await push(upTo(12), 'one');
    for (const number of upTo(9)) expect(await end(number)).toBe(false);
    expect(await end(9, 'failed')).toBe(true);
    expect(await end(10, 'blocked')).toBe(false);
    expect(await end(11)).toBe(false);
    expect(await end(10)).toBe(true);
  });

  it('is the last one even if a newer commit superseded the others', async () => {
    await push(upTo(12), 'one');
    for (const number of upTo(10)) await end(number);
    await push([11], 'two');
    expect(await end(10)).toBe(true);
  });

  it('is awaited again if the release is open once more', async () => {
    await push(upTo(12), 'one');
    for (const number of upTo(11)) await end(number);
    await end(0, 'applying');
    expect(await end(11)).toBe(false);
    expect(await end(0)).toBe(true);
  });
});

describe('the id of a release', () => {
  it('is never given again, although its number is after Redis was emptied', async () => {
    const redis = testRedis();
    const keys = stateKeys(uniquePrefix());
    const releases = createReleaseStore(redis, keys);
    const desired = createDesiredStore(redis, keys);
    const start = async () => {
      await desired.setDesired(repository, await desired.nextSequence(repository), [found('web', 'one')]);
      const { id } = found('web', 'one').target;
      await redis.set(keys.lease(id), 'run');
      const record = await releases.record(id);
      if (!record?.desired) throw new Error('nothing desired');
      return releases.start(record.desired, 4, 'run');
    };
    const before = await start();
    await redis.del(keys.target(before.target), keys.repository(repository), keys.listed);
    const after = await start();
    redis.disconnect();
    expect([before.number, after.number]).toEqual([5, 5]);
    expect(after.id).not.toBe(before.id);
  });
});

describe('the change set of a release', () => {
  // The second one is stored compressed.
  it.each([10, 20_000])(
    'stays if a run that has lost its lease writes (a name of %i characters)',
    async (length) => {
      const redis = testRedis();
      const keys = stateKeys(uniquePrefix());
      const releases = createReleaseStore(redis, keys);
      const desired = createDesiredStore(redis, keys);
      const web = found('web', 'one');
      await desired.setDesired(repository, await desired.nextSequence(repository), [web]);
      await redis.set(keys.lease(web.target.id), 'winner');
      const record = await releases.record(web.target.id);
      if (!record?.desired) throw new Error('nothing desired');
      const release = await releases.start(record.desired, 0, 'winner');
      const ended: Release = { ...release, state: 'succeeded' };
      await releases.write(ended, 'winner', changeSet('w'.repeat(length)));

      const late = releases.write({ ...release, state: 'failed' }, 'loser', changeSet('l'.repeat(length)));
      await expect(late).rejects.toMatchObject({ code: 'LEASE_LOST' });
      const kept = await releases.find(release.id);
      redis.disconnect();
      expect(kept).toMatchObject({ state: 'succeeded', changeSet: changeSet('w'.repeat(length)) });
    },
  );
});

describe('a record of another target under the id of a release', () => {
  it('is shown neither in the history of the target nor as its release before', async () => {
    const redis = testRedis();
    onTestFinished(() => redis.disconnect());
    const keys = stateKeys(uniquePrefix());
    const releases = createReleaseStore(redis, keys);
    const endOf = async (app: string, commit: string) => {
      const desired = createDesiredStore(redis, keys);
      const { id } = found(app, commit).target;
      await desired.setDesired(repository, await desired.nextSequence(repository), [found(app, commit)]);
      await redis.set(keys.lease(id), 'run');
      const record = await releases.record(id);
      if (!record?.desired) throw new Error('nothing desired');
      const release = await releases.start(record.desired, 0, 'run');
      await releases.write({ ...release, state: 'succeeded' }, 'run', { changes: [] });
      return release;
    };
    const [first, second] = [await endOf('web', 'one'), await endOf('web', 'two')];
    const other = await endOf('other', 'one');
    // Ids of earlier versions were hashes of names that tenants choose, so two targets could have the same.
    await redis.set(keys.release(first.id), JSON.stringify({ ...other, id: first.id }));

    expect((await releases.history(second.target, 10)).map(({ id }) => id)).toEqual([second.id]);
    expect(await releases.previous(second)).toBeUndefined();
  });

  it('is not found under an id that is not its own', async () => {
    const redis = testRedis();
    onTestFinished(() => redis.disconnect());
    const keys = stateKeys(uniquePrefix());
    await redis.set(
      keys.release('mine'),
      JSON.stringify({ id: 'another', target: found('web', '').target.id }),
    );
    expect(await createReleaseStore(redis, keys).find('mine')).toBeUndefined();
  });
});

/** One object of this name, configured. */
function changeSet(name: string): ChangeSet {
  return {
    changes: [
      { action: 'configured', ref: { group: '', version: 'v1', kind: 'ConfigMap', name }, fields: [] },
    ],
  };
}
