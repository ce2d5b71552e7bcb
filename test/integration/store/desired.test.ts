import type { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DesiredStore } from '../../../src/ports/desired.ts';
import type { ReleaseStore } from '../../../src/ports/releases.ts';
import { createDesiredStore } from '../../../src/store/desired.ts';
import { createReleaseStore } from '../../../src/store/releases.ts';
import { type StateKeys, stateKeys } from '../../../src/store/state-keys.ts';
import { found } from '../../support/found.ts';
import { testRedis } from '../../support/redis.ts';
import { uniquePrefix } from '../../support/sandbox.ts';

const repository = 'github/acme/loans';
const web = found('web', '').target.id;

describe('desired states in Redis', () => {
  let redis: Redis;
  let keys: StateKeys;
  let desired: DesiredStore;
  let releases: ReleaseStore;

  beforeEach(() => {
    redis = testRedis();
    keys = stateKeys(uniquePrefix());
    desired = createDesiredStore(redis, keys);
    releases = createReleaseStore(redis, keys);
  });
  afterEach(() => redis.disconnect());

  const move = async (contentKey: string, commit = contentKey) =>
    desired.setDesired(repository, await desired.nextSequence(repository), [
      found('web', contentKey, commit),
    ]);

  async function endRelease(state: 'succeeded' | 'failed' | 'blocked') {
    const record = await releases.record(web);
    if (!record?.desired) throw new Error('nothing desired');
    await redis.set(keys.fence(web), 'run');
    const release = await releases.start(record.desired, 0, 'run');
    await releases.write({ ...release, state }, 'run', { changes: [] });
  }

  it('move when the content does', async () => {
    expect(await move('one')).toEqual([{ target: web, index: 0, skipped: undefined }]);
    await endRelease('succeeded');
    expect(await move('one', 'other-commit')).toEqual([]);
    expect(await move('two')).toHaveLength(1);
    expect((await releases.record(web))?.desired).toMatchObject({ commit: 'two', revision: 2 });
  });

  it('refuse an intake that stalled: an old head is not put back', async () => {
    const stalled = await desired.nextSequence(repository);
    await move('new');
    expect(await desired.setDesired(repository, stalled, [found('web', 'old')])).toBeUndefined();
    expect((await releases.record(web))?.desired?.commit).toBe('new');
  });

  it('refuse it also for targets that the later intake left as they were', async () => {
    await move('one');
    await endRelease('succeeded');
    const stalled = await desired.nextSequence(repository);
    expect(await move('one', 'reverted')).toEqual([]);
    expect(await desired.setDesired(repository, stalled, [found('web', 'between')])).toBeUndefined();
  });

  it('move again after a release that did not succeed', async () => {
    await move('one');
    await endRelease('failed');
    expect(await move('one', 'next-push')).toHaveLength(1);
  });

  it('do not move again while the release is on its way', async () => {
    await move('one');
    expect(await move('one', 'same-content')).toEqual([]);
  });

  it('name the commit that never got its release', async () => {
    await move('one');
    expect(await move('two')).toEqual([{ target: web, index: 0, skipped: 'one' }]);
  });

  it('are found as unhandled until a release has ended; a blocked one has not', async () => {
    await move('one');
    expect(await desired.unhandled()).toEqual([{ target: web, index: 0 }]);
    await endRelease('blocked');
    expect(await desired.unhandled()).toHaveLength(1);
    await endRelease('succeeded');
    expect(await desired.unhandled()).toEqual([]);
  });

  it('can be repeated by hand', async () => {
    expect(await desired.repeat(web, { kind: 'manual' })).toBe(false);
    await move('one');
    await endRelease('succeeded');
    expect(await desired.repeat(web, { kind: 'manual', by: 'ada' })).toBe(true);
    expect((await releases.record(web))?.desired).toMatchObject({ revision: 2, cause: { by: 'ada' } });
  });

  it('hold a thousand targets in one write', async () => {
    const many = Array.from({ length: 1_000 }, (_, i) => ({ ...found(`app${i}`, 'one'), index: i }));
    const moved = await desired.setDesired(repository, await desired.nextSequence(repository), many);
    expect(moved).toHaveLength(1_000);
    expect(moved?.at(-1)?.index).toBe(999);
  });

  it('releases are refused to a run that lost its turn', async () => {
    await move('one');
    const record = await releases.record(web);
    if (!record?.desired) throw new Error('nothing desired');
    await redis.set(keys.fence(web), 'mine');
    const release = await releases.start(record.desired, 7, 'mine');
    expect(release.number).toBe(8);
    await redis.set(keys.fence(web), 'theirs');
    await expect(releases.write(release, 'mine')).rejects.toMatchObject({ code: 'TURN_LOST' });
    await expect(releases.start(record.desired, 0, 'mine')).rejects.toMatchObject({ code: 'TURN_LOST' });
  });
});
