import type { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { DesiredStore, Found } from '../../../src/ports/desired.ts';
import type { ReleaseStore } from '../../../src/ports/releases.ts';
import { createDesiredStore } from '../../../src/store/desired.ts';
import { createReleaseStore } from '../../../src/store/releases.ts';
import { type StateKeys, stateKeys } from '../../../src/store/state-keys.ts';
import { found } from '../../support/found.ts';
import { testRedis } from '../../support/redis.ts';
import { uniquePrefix } from '../../support/sandbox.ts';

const repository = 'github/acme/web';

/** Two processes on one Redis; the targets are the same objects in every push, as the intake passes them. */
describe('a target that has not changed since the last write', () => {
  const targets = Array.from({ length: 1_200 }, (_, index) => found(`app-${index}`, '').target);
  let redis: Redis;
  let keys: StateKeys;
  let mine: DesiredStore;
  let other: DesiredStore;
  let releases: ReleaseStore;

  beforeEach(() => {
    redis = testRedis();
    keys = stateKeys(uniquePrefix());
    mine = createDesiredStore(redis, keys);
    other = createDesiredStore(redis, keys);
    releases = createReleaseStore(redis, keys);
  });
  afterEach(() => redis.disconnect());

  /** Pushes a commit with all targets; only those of `changed` have new content. */
  async function push(store: DesiredStore, commit: string, changed: number[] = [], policyKey = 'policy') {
    const all = targets.map((target, index): Found => {
      const contentKey = changed.includes(index) ? commit : 'first';
      return { target, commit, contentKey, policyKey, cause: { kind: 'push' }, retry: false };
    });
    const moved = await store.setDesired(repository, await store.nextSequence(repository), all);
    return moved?.map(({ target }) => target.split('//')[1]);
  }

  async function end(index: number, state: 'succeeded' | 'failed') {
    const id = targets[index]?.id ?? '';
    const record = await releases.record(id);
    if (!record?.desired) throw new Error('nothing desired');
    await redis.set(keys.lease(id), 'run');
    const release = await releases.start(record.desired, 0, 'run');
    await releases.write({ ...release, state }, 'run', { changes: [] });
  }

  async function endAll() {
    for (const index of targets.keys()) await end(index, 'succeeded');
  }

  const name = (index: number) => `app-${index}@production`;

  /** Characters passed to scripts during the work. */
  async function sentBy(work: () => Promise<unknown>): Promise<number> {
    const spy = vi.spyOn(redis, 'evalsha');
    await work();
    const sent = spy.mock.calls.flat().reduce((sum: number, argument) => sum + String(argument).length, 0);
    spy.mockRestore();
    return sent;
  }

  it('is not written again, so that a push of one among many costs a hundredth', async () => {
    const whole = await sentBy(() => push(mine, 'first'));
    await endAll();
    const one = await sentBy(async () => expect(await push(mine, 'second', [7])).toEqual([name(7)]));
    expect(one).toBeLessThan(whole / 100);
  });

  it('is written again if another process has written since', async () => {
    await push(mine, 'first');
    await endAll();
    expect(await push(other, 'theirs', [3])).toEqual([name(3)]);
    await end(3, 'succeeded');
    // Nothing has changed since this process's own write, but the content of the other one is deployed.
    expect(await push(mine, 'back')).toEqual([name(3)]);
  });

  it('moves if the policy has changed', async () => {
    await push(mine, 'first');
    await endAll();
    expect(await push(mine, 'second', [], 'other policy')).toHaveLength(targets.length);
  });

  it('moves nevertheless if its last release failed', async () => {
    await push(mine, 'first');
    await endAll();
    await push(mine, 'second', [5]);
    await end(5, 'failed');
    expect(await push(mine, 'third', [])).toEqual([name(5)]);
    await end(5, 'failed');
    expect(await push(mine, 'fourth')).toEqual([name(5)]);
    await end(5, 'succeeded');
    expect(await push(mine, 'fifth')).toEqual([]);
  });

  it('moves if somebody deployed it again and that failed', async () => {
    await push(mine, 'first');
    await endAll();
    await mine.repeat(targets[9]?.id ?? '', { kind: 'manual' });
    await end(9, 'failed');
    expect(await push(mine, 'second')).toEqual([name(9)]);
  });

  it('is written again after Redis was emptied', async () => {
    await push(mine, 'first');
    await endAll();
    const all = await redis.keys(`${keys.listed.replace(':listed', '')}*`);
    await redis.del(all);
    expect(await push(mine, 'first')).toHaveLength(targets.length);
  });

  it('is left to the later of two concurrent intakes', async () => {
    await push(mine, 'first');
    await endAll();
    const early = await mine.nextSequence(repository);
    const late = await other.nextSequence(repository);
    const at = (commit: string) =>
      targets.map((target, index): Found => {
        const contentKey = index === 2 ? commit : 'first';
        return { target, commit, contentKey, policyKey: 'policy', cause: { kind: 'push' }, retry: false };
      });
    await Promise.all([
      mine.setDesired(repository, early, at('early')),
      other.setDesired(repository, late, at('late')),
    ]);
    expect((await releases.record(targets[2]?.id ?? ''))?.desired?.commit).toBe('late');
  });
});
