import { describe, expect, it } from 'vitest';
import { SlipwayError } from '../../../src/errors.ts';
import { intake } from '../../../src/intake/intake.ts';
import type { CommitReportKey } from '../../../src/model/commit-report.ts';
import { notify } from '../../../src/notifications/commit-status/notify.ts';
import { app, appsYaml } from '../../support/apps.ts';
import { announce, compositionUnderTest, quietRepository } from '../../support/composition.ts';

const never = new AbortController().signal;

/** A commit that was replaced before an intake looked, with its answer written and not yet sent. */
async function skippedCommit() {
  const { slipway, composition, anotherHost } = await compositionUnderTest();
  const repository = await quietRepository(slipway, (namespace) => ({
    'slipway.yaml': appsYaml(namespace),
    ...app('web', '1'),
  }));
  const skipped = await repository.push(app('web', '2'));
  const head = await repository.push(app('web', '3'));
  for (const commit of [skipped, head]) await announce(composition, repository, commit);
  await intake(repository.id, composition, never);
  const key: CommitReportKey = { repository: repository.id, commit: skipped, scope: 'production' };
  const status = async () => (await repository.lastStatuses(skipped))['slipway/production'];
  return { slipway, composition, anotherHost, repository, key, status };
}

/** A merged pull request of which no webhook told, looked at by an intake and not answered yet. */
async function mergedCommit() {
  const { slipway, composition } = await compositionUnderTest();
  const repository = await quietRepository(slipway, (namespace) => ({
    'slipway.yaml': appsYaml(namespace),
    ...app('web', '1'),
  }));
  await repository.push(app('web', '2'), 'work');
  const { headSha, mergeCommitSha } = await repository.merge('work', 'squash');
  const commit = mergeCommitSha ?? '';
  await announce(composition, repository, commit);
  await intake(repository.id, composition, never);
  const key: CommitReportKey = { repository: repository.id, commit, scope: 'production' };
  return { slipway, composition, repository, key, commit, headSha, name: repository.name };
}

describe('an answer', () => {
  it('that hangs on the history waits for Git, and is not guessed', async () => {
    const { slipway, anotherHost, repository, key, status } = await skippedCommit();
    await slipway.forge.setFaults('github', { gitDown: true }, repository.name);
    await expect(notify(key, anotherHost, never)).rejects.toMatchObject({ code: 'GIT_UNREACHABLE' });
    expect(await status()).toBeUndefined();
    await slipway.forge.clearFaults('github', repository.name);
    await notify(key, anotherHost, never);
    expect(await status()).toMatchObject({
      state: 'success',
      description: expect.stringContaining('superseded by'),
    });
  });

  it('that the forge refuses for good is not sent for ever', async () => {
    const { slipway, composition, repository, key, status } = await skippedCommit();
    await slipway.forge.setFaults('github', { statusErrors: [404] }, repository.name);
    await expect(notify(key, composition, never)).resolves.toBeUndefined();
    expect(await status()).toBeUndefined();
    const left = await composition.reports.unsent(Number.MAX_SAFE_INTEGER);
    expect(left.map(({ commit }) => commit)).not.toContain(key.commit);
  });

  it('that changes while it is sent is sent once more', async () => {
    const { composition, key, status } = await skippedCommit();
    const reports = {
      ...composition.reports,
      async settle(settled: CommitReportKey, changedAt: string | null) {
        await composition.reports.write(key, [{ state: 'failed', reason: 'changed meanwhile' }]);
        await composition.reports.settle(settled, changedAt);
      },
    };
    await notify(key, { ...composition, reports }, never);
    const left = await composition.reports.unsent(Number.MAX_SAFE_INTEGER);
    expect(left.map(({ commit }) => commit)).toContain(key.commit);
    await notify(key, composition, never);
    expect(await status()).toMatchObject({ state: 'failure', description: 'changed meanwhile' });
  });

  it('asks the forge for pull requests once for what it says, however often its bell rings', async () => {
    const { slipway, composition, key, commit, name } = await mergedCommit();
    const asked = async () => {
      const requests = await slipway.forge.requests('github', name);
      return requests.filter(({ path }) => path.endsWith(`/commits/${commit}/pulls`)).length;
    };
    await notify(key, composition, never);
    await notify(key, composition, never);
    expect(await asked()).toBe(1);
    await composition.reports.write(key, [{ state: 'failed', reason: 'it says something else' }]);
    await notify(key, composition, never);
    expect(await asked()).toBe(2);
  });

  it('reaches the head of a pull request that the forge could not name at first', async () => {
    const { composition, key, headSha, repository } = await mergedCommit();
    const { github } = Object.fromEntries(composition.forges);
    if (!github) throw new Error('no forge');
    const pullsOf = () => Promise.reject(new SlipwayError('FORGE_UNREACHABLE', 'away'));
    const forges = new Map([['github', { ...github, pullsOf }]]);
    await expect(notify(key, { ...composition, forges }, never)).rejects.toMatchObject({
      code: 'FORGE_UNREACHABLE',
    });
    expect(Object.keys(await repository.lastStatuses(headSha))).toEqual([]);
    await notify(key, composition, never);
    expect(await repository.lastStatuses(headSha)).toHaveProperty('slipway/production');
  });
});
