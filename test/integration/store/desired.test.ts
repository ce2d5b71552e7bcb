import type { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DesiredStore } from '../../../src/ports/desired.ts';
import type { ReleaseStore } from '../../../src/ports/releases.ts';
import { createCommitReportStore } from '../../../src/store/commit-reports.ts';
import { createDesiredStore } from '../../../src/store/desired.ts';
import { createReleaseStore } from '../../../src/store/releases.ts';
import { type StateKeys, stateKeys } from '../../../src/store/state-keys.ts';
import { found } from '../../support/found.ts';
import { testRedis } from '../../support/redis.ts';
import { uniquePrefix } from '../../support/sandbox.ts';

const repository = 'github/acme/web';
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

  const moveUnder = async (policyKey: string) =>
    desired.setDesired(repository, await desired.nextSequence(repository), [
      { ...found('web', 'one'), policyKey },
    ]);

  async function endRelease(state: 'succeeded' | 'failed' | 'blocked', policyKey?: string) {
    const record = await releases.record(web);
    if (!record?.desired) throw new Error('nothing desired');
    await redis.set(keys.lease(web), 'run');
    const release = await releases.start(record.desired, 0, 'run');
    await releases.write({ ...release, state, policyKey }, 'run', { changes: [] });
  }

  it('move when the content does', async () => {
    expect(await move('one')).toMatchObject([{ target: web, index: 0, again: false }]);
    await endRelease('succeeded');
    expect(await move('one', 'other-commit')).toEqual([]);
    expect(await move('two')).toHaveLength(1);
    expect((await releases.record(web))?.desired).toMatchObject({ commit: 'two', revision: 2 });
  });

  it('move when the policy does, once a release was evaluated by another', async () => {
    await moveUnder('strict');
    // It has yet to run, and evaluates by the policy of then.
    expect(await moveUnder('wide')).toMatchObject([{ again: true }]);
    await endRelease('succeeded', 'strict');
    expect(await moveUnder('strict')).toEqual([]);
    expect(await moveUnder('wide')).toMatchObject([{ again: false }]);
    await endRelease('failed', 'wide');
    expect(await moveUnder('wide')).toEqual([]);
  });

  it('move again after a worker with an older policy was first', async () => {
    await moveUnder('new');
    await endRelease('succeeded', 'old');
    expect(await moveUnder('new')).toHaveLength(1);
    await endRelease('succeeded', 'new');
    expect(await moveUnder('new')).toEqual([]);
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

  it('move again after a release that did not succeed, by another commit or where somebody asks', async () => {
    await move('one');
    await endRelease('failed');
    // The webhook of the merged pull request comes after the one of its push.
    expect(await move('one')).toEqual([]);
    expect(await move('one', 'next-push')).toHaveLength(1);
    await endRelease('failed');
    const asked = { ...found('web', 'one', 'next-push'), retry: true };
    const sequence = await desired.nextSequence(repository);
    expect(await desired.setDesired(repository, sequence, [asked])).toHaveLength(1);
  });

  it('have moved again where the intake that moved them died before it said so', async () => {
    await move('one');
    expect(await move('one')).toMatchObject([{ target: web, again: true }]);
  });

  it('do not move again while the release is on its way', async () => {
    await move('one');
    expect(await move('one', 'same-content')).toEqual([]);
  });

  it('say in the same step which commit never gets its release, and what took its place', async () => {
    const reports = createCommitReportStore(redis, keys);
    const response = (commit: string) => reports.read({ repository, commit, scope: 'production' });
    await move('one');
    expect((await response('one')).lines).toEqual([{ target: web, state: 'queued' }]);
    expect(await move('two')).toMatchObject([{ skipped: 'one' }]);
    expect((await response('one')).lines).toEqual([
      { target: web, state: 'superseded', supersededBy: 'two' },
    ]);
    const unsent = await reports.unsent(Number.MAX_SAFE_INTEGER);
    expect(unsent.map(({ commit }) => commit).sort()).toEqual(['one', 'two']);
  });

  it('count the place within the push among what moved', async () => {
    const push = async (...apps: [string, string][]) =>
      desired.setDesired(
        repository,
        await desired.nextSequence(repository),
        apps.map(([app, key]) => found(app, key)),
      );
    await push(['a', '1'], ['b', '1'], ['c', '1']);
    expect(await push(['a', '1'], ['b', '1'], ['c', '2'])).toMatchObject([
      { again: true },
      { again: true },
      { index: 0, again: false },
    ]);
  });

  it('take sequence numbers that rise also when Redis is emptied', async () => {
    const before = await desired.nextSequence(repository);
    await redis.del(keys.repository(repository));
    expect(await desired.nextSequence(repository)).toBeGreaterThan(before);
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

  it('can be wanted again with the cause they had, but not where the target is no more', async () => {
    await move('one');
    await endRelease('succeeded');
    await desired.repeat(web, { kind: 'manual', confirmPrune: true });
    expect(await desired.again(web)).toBe(true);
    expect((await releases.record(web))?.desired).toMatchObject({
      revision: 3,
      cause: { kind: 'manual', confirmPrune: true },
    });
    await redis.srem(keys.targets, web);
    expect(await desired.again(web)).toBe(false);
  });

  it('tell which targets of a repository did not end well: on their way first, the last of the push first', async () => {
    const apps = ['web', 'on-its-way', 'last'].map((name) => found(name, 'one'));
    await desired.setDesired(repository, await desired.nextSequence(repository), apps);
    await endRelease('failed');
    const id = (name: string) => found(name, 'one').target.id;
    expect(await desired.unwell(repository)).toEqual([id('last'), id('on-its-way'), web]);
    await move('two');
    await endRelease('succeeded');
    expect(await desired.unwell(repository)).toEqual([id('last'), id('on-its-way')]);
    expect(await desired.unwell('github/acme/other')).toEqual([]);
  });

  it('hold a thousand targets in one write', async () => {
    const many = Array.from({ length: 1_000 }, (_, i) => found(`app${i}`, 'one'));
    const moved = await desired.setDesired(repository, await desired.nextSequence(repository), many);
    expect(moved).toHaveLength(1_000);
    expect(moved?.at(-1)?.index).toBe(999);
  });

  it('releases are refused to a run that lost its turn', async () => {
    await move('one');
    const record = await releases.record(web);
    if (!record?.desired) throw new Error('nothing desired');
    await redis.set(keys.lease(web), 'mine');
    const release = await releases.start(record.desired, 7, 'mine');
    expect(release.number).toBe(8);
    await redis.set(keys.lease(web), 'theirs');
    await expect(releases.write(release, 'mine')).rejects.toMatchObject({ code: 'LEASE_LOST' });
    await expect(releases.start(record.desired, 0, 'mine')).rejects.toMatchObject({ code: 'LEASE_LOST' });
  });
});
