import { expect, it, onTestFinished } from 'vitest';
import type { Release } from '../../../src/model/release.ts';
import { createCommitReportStore } from '../../../src/store/commit-reports.ts';
import { createDesiredStore } from '../../../src/store/desired.ts';
import { createReleaseStore } from '../../../src/store/releases.ts';
import { stateKeys } from '../../../src/store/state-keys.ts';
import { found } from '../../support/found.ts';
import { testRedis } from '../../support/redis.ts';
import { uniquePrefix } from '../../support/sandbox.ts';

const repository = 'github/acme/web';
const half = 'a folder named \ud83d';

/** Stores of their own, with a target of which one commit is desired. */
async function desiredOnce() {
  const redis = testRedis();
  onTestFinished(() => redis.disconnect());
  const keys = stateKeys(uniquePrefix());
  const desired = createDesiredStore(redis, keys);
  const releases = createReleaseStore(redis, keys);
  const push = async (commit: string) =>
    desired.setDesired(repository, await desired.nextSequence(repository), [found('web', commit, commit)]);
  await push('one');
  const { id } = found('web', '').target;
  await redis.set(keys.lease(id), 'run');
  return { redis, keys, releases, reports: createCommitReportStore(redis, keys), push, id };
}

it('a release whose failure quotes half of a surrogate pair does not stop the next commit', async () => {
  const { releases, push, id } = await desiredOnce();
  const record = await releases.record(id);
  if (!record?.desired) throw new Error('nothing desired');
  const release: Release = await releases.start(record.desired, 0, 'run');
  const failure = { code: 'PATH_MISSING', summary: half } as const;
  await releases.write({ ...release, state: 'applying', failure }, 'run');
  expect(await push('two')).toMatchObject([{ target: id, skipped: ['one'] }]);
  expect((await releases.record(id))?.last?.failure?.summary).toBe('a folder named \ufffd');
});

it('a line of a report that quotes half of a surrogate pair does not stop the next commit', async () => {
  const { reports, push, id } = await desiredOnce();
  const key = { repository, commit: 'one', scope: 'production' };
  await reports.write(key, [
    { target: id, state: 'queued', failure: { code: 'PATH_MISSING', summary: half } },
  ]);
  expect(await push('two')).toMatchObject([{ target: id, skipped: ['one'] }]);
});

it('a target whose path has half of a surrogate pair is desired like any other', async () => {
  const { redis, keys, id } = await desiredOnce();
  const desired = createDesiredStore(redis, keys);
  const one = found('web', 'two', 'two');
  const odd = { ...one, target: { ...one.target, path: half } };
  expect(await desired.setDesired(repository, await desired.nextSequence(repository), [odd])).toMatchObject([
    { target: id },
  ]);
});
