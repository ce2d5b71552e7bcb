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

describe('desired revisions in Redis', () => {
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

  it('move if the content changes', async () => {
    expect(await move('one')).toMatchObject([{ target: web, index: 0, effect: 'moved' }]);
    await endRelease('succeeded');
    expect(await move('one', 'other-commit')).toEqual([]);
    expect(await move('two')).toHaveLength(1);
    expect((await releases.record(web))?.desired).toMatchObject({ commit: 'two', revision: 2 });
  });

  it('move if the policy differs from the one that the last release was evaluated by', async () => {
    await moveUnder('strict');
    // The release has not run yet, and will be evaluated by the policy of that time.
    expect(await moveUnder('wide')).toMatchObject([{ effect: 'again' }]);
    await endRelease('succeeded', 'strict');
    expect(await moveUnder('strict')).toEqual([]);
    expect(await moveUnder('wide')).toMatchObject([{ effect: 'moved' }]);
    await endRelease('failed', 'wide');
    expect(await moveUnder('wide')).toEqual([]);
  });

  it('move again if a worker with an older policy was first', async () => {
    await moveUnder('new');
    await endRelease('succeeded', 'old');
    expect(await moveUnder('new')).toHaveLength(1);
    await endRelease('succeeded', 'new');
    expect(await moveUnder('new')).toEqual([]);
  });

  it('refuse an intake that stalled, so that an old head is not restored', async () => {
    const stalled = await desired.nextSequence(repository);
    await move('new');
    expect(await desired.setDesired(repository, stalled, [found('web', 'old')])).toBeUndefined();
    expect((await releases.record(web))?.desired?.commit).toBe('new');
  });

  it('refuse a stalled intake even for targets that the later one did not change', async () => {
    await move('one');
    await endRelease('succeeded');
    const stalled = await desired.nextSequence(repository);
    expect(await move('one', 'reverted')).toEqual([]);
    expect(await desired.setDesired(repository, stalled, [found('web', 'between')])).toBeUndefined();
  });

  it('move again after a release that did not succeed, by another commit or on request', async () => {
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

  it('are returned again if the intake that moved them died before it reported them', async () => {
    await move('one');
    expect(await move('one')).toMatchObject([{ target: web, effect: 'again' }]);
  });

  it('do not move again while their release is in progress, and take the newest commit with this content', async () => {
    await move('one');
    expect(await move('one', 'same-content')).toMatchObject([{ target: web, effect: 'followed' }]);
    expect((await releases.record(web))?.desired).toMatchObject({ commit: 'same-content', revision: 1 });
  });

  it('take the newest commit with this content also after their release', async () => {
    await move('one');
    await endRelease('succeeded');
    expect(await move('one', 'same-content')).toEqual([]);
    expect((await releases.record(web))?.desired).toMatchObject({ commit: 'same-content', revision: 1 });
    await desired.repeat(web, { kind: 'manual' });
    expect((await releases.record(web))?.desired?.carried).toEqual(['same-content']);
  });

  it('supersede every commit that followed the release of the revision before', async () => {
    const reports = createCommitReportStore(redis, keys);
    await move('one');
    await move('one', 'same-content');
    expect(await move('two')).toMatchObject([{ skipped: ['one', 'same-content'] }]);
    for (const commit of ['one', 'same-content']) {
      const { lines } = await reports.read({ repository, commit, scope: 'production' });
      expect(lines, commit).toEqual([{ target: web, state: 'superseded', supersededBy: 'two' }]);
    }
  });

  it('report in the same step which commit was superseded before its release, and by which', async () => {
    const reports = createCommitReportStore(redis, keys);
    const reportOf = (commit: string) => reports.read({ repository, commit, scope: 'production' });
    await move('one');
    expect((await reportOf('one')).lines).toEqual([{ target: web, state: 'queued' }]);
    expect(await move('two')).toMatchObject([{ skipped: ['one'] }]);
    expect((await reportOf('one')).lines).toEqual([
      { target: web, state: 'superseded', supersededBy: 'two' },
    ]);
    const unsent = await reports.unsent(0);
    expect(unsent.map(({ commit }) => commit).sort()).toEqual(['one', 'two']);
  });

  it('count the index within the push over moved targets only', async () => {
    const push = async (...apps: [string, string][]) =>
      desired.setDesired(
        repository,
        await desired.nextSequence(repository),
        apps.map(([app, key]) => found(app, key)),
      );
    await push(['a', '1'], ['b', '1'], ['c', '1']);
    expect(await push(['a', '1'], ['b', '1'], ['c', '2'])).toMatchObject([
      { effect: 'again' },
      { effect: 'again' },
      { index: 0, effect: 'moved' },
    ]);
  });

  it('take sequence numbers that rise even after Redis was emptied', async () => {
    const before = await desired.nextSequence(repository);
    await redis.del(keys.repository(repository));
    expect(await desired.nextSequence(repository)).toBeGreaterThan(before);
  });

  it('are unhandled until a release has ended, and a blocked release has not', async () => {
    await move('one');
    expect(await desired.unhandled()).toEqual([{ target: web, cluster: 'prod', index: 0 }]);
    await endRelease('blocked');
    expect(await desired.unhandled()).toHaveLength(1);
    await endRelease('succeeded');
    expect(await desired.unhandled()).toEqual([]);
  });

  it('can be deployed again by hand', async () => {
    expect(await desired.repeat(web, { kind: 'manual' })).toBeUndefined();
    await move('one');
    await endRelease('succeeded');
    expect(await desired.repeat(web, { kind: 'manual', by: 'ada' })).toBe(2);
    expect((await releases.record(web))?.desired).toMatchObject({ revision: 2, cause: { by: 'ada' } });
  });

  it('can be deployed again with the cause they had, unless the target no longer exists', async () => {
    await move('one');
    await endRelease('succeeded');
    await desired.repeat(web, { kind: 'manual', confirmPrune: true });
    expect(await desired.again(web)).toBe(true);
    expect((await releases.record(web))?.desired).toMatchObject({
      revision: 3,
      cause: { kind: 'manual', confirmPrune: true },
    });
    await redis.zrem(keys.listed, web);
    expect(await desired.again(web)).toBe(false);
  });

  it('list the unwell targets of a repository: those in progress first, the last of the push first', async () => {
    const apps = ['web', 'in-progress', 'last'].map((name) => found(name, 'one'));
    await desired.setDesired(repository, await desired.nextSequence(repository), apps);
    await endRelease('failed');
    const id = (name: string) => found(name, 'one').target.id;
    expect(await desired.unwell(repository)).toEqual([id('last'), id('in-progress'), web]);
    await move('two');
    await endRelease('succeeded');
    expect(await desired.unwell(repository)).toEqual([id('last'), id('in-progress')]);
    expect(await desired.unwell('github/acme/other')).toEqual([]);
  });

  it('are written for a thousand targets at once', async () => {
    const many = Array.from({ length: 1_000 }, (_, i) => found(`app${i}`, 'one'));
    const moved = await desired.setDesired(repository, await desired.nextSequence(repository), many);
    expect(moved).toHaveLength(1_000);
    expect(moved?.at(-1)?.index).toBe(999);
  });

  it('refuse releases of a run that lost its lease', async () => {
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
