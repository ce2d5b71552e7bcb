import { describe, expect, it } from 'vitest';
import { SlipwayError } from '../../../src/errors.ts';
import { intake } from '../../../src/intake/intake.ts';
import type { CommitReportKey, CommitReportLine } from '../../../src/model/commit-report.ts';
import { sendStatuses } from '../../../src/notifications/commit-status/send-statuses.ts';
import type { CommitReportStore } from '../../../src/ports/commit-reports.ts';
import { app, appsYaml } from '../../support/apps.ts';
import { announce, compositionUnderTest, quietRepository } from '../../support/composition.ts';

const neverAborts = new AbortController().signal;

/** A commit that was superseded before an intake looked, with its report written and not yet sent. */
async function skippedCommit() {
  const { slipway, composition, anotherHost } = await compositionUnderTest();
  const repository = await quietRepository(slipway, (namespace) => ({
    'slipway.yaml': appsYaml(namespace),
    ...app('web', '1'),
  }));
  const skipped = await repository.push(app('web', '2'));
  const head = await repository.push(app('web', '3'));
  for (const commit of [skipped, head]) await announce(composition, repository, commit);
  await intake(repository.id, composition, neverAborts);
  const key: CommitReportKey = { repository: repository.id, commit: skipped, scope: 'production' };
  const status = async () => (await repository.lastStatuses(skipped))['slipway/production'];
  return { slipway, composition, anotherHost, repository, key, status };
}

/** A merged pull request that no webhook announced, seen by an intake, with its report not yet sent. */
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
  await intake(repository.id, composition, neverAborts);
  const key: CommitReportKey = { repository: repository.id, commit, scope: 'production' };
  return { slipway, composition, repository, key, commit, headSha, name: repository.name };
}

const failedLine = (summary: string): CommitReportLine => ({
  state: 'failed',
  failure: { code: 'CONFIG_INVALID', summary },
});

describe('sendStatuses', () => {
  it('waits for Git if the status depends on the history, and does not guess', async () => {
    const { slipway, anotherHost, repository, key, status } = await skippedCommit();
    await slipway.forge.setFaults('github', { gitDown: true }, repository.name);
    await expect(sendStatuses(key, anotherHost, neverAborts)).rejects.toMatchObject({
      code: 'GIT_UNREACHABLE',
    });
    expect(await status()).toBeUndefined();
    await slipway.forge.clearFaults('github', repository.name);
    await sendStatuses(key, anotherHost, neverAborts);
    expect(await status()).toMatchObject({
      state: 'success',
      description: expect.stringContaining('superseded by'),
    });
  });

  it('sends a report again that changes while it is being sent', async () => {
    const { composition, key, status } = await skippedCommit();
    const reports = {
      ...composition.reports,
      async settle(...ended: Parameters<CommitReportStore['settle']>) {
        await composition.reports.write(key, [failedLine('changed meanwhile')]);
        return composition.reports.settle(...ended);
      },
    };
    await sendStatuses(key, { ...composition, reports }, neverAborts);
    const left = await composition.reports.unsent(0);
    expect(left.map(({ commit }) => commit)).toContain(key.commit);
    await sendStatuses(key, composition, neverAborts);
    expect(await status()).toMatchObject({ state: 'failure', description: 'changed meanwhile' });
  });

  it('asks the forge for pull requests once per set of statuses, however often the report is enqueued', async () => {
    const { slipway, composition, key, commit, name } = await mergedCommit();
    const asked = async () => {
      const requests = await slipway.forge.requests('github', name);
      return requests.filter(({ path }) => path.endsWith(`/commits/${commit}/pulls`)).length;
    };
    await sendStatuses(key, composition, neverAborts);
    await sendStatuses(key, composition, neverAborts);
    expect(await asked()).toBe(1);
    await composition.reports.write(key, [failedLine('it shows something else')]);
    await sendStatuses(key, composition, neverAborts);
    expect(await asked()).toBe(2);
  });

  it('posts on the head of a pull request that the forge could not name at first', async () => {
    const { composition, key, headSha, repository } = await mergedCommit();
    const { github } = Object.fromEntries(composition.forges);
    if (!github) throw new Error('no forge');
    const pullsOf = () => Promise.reject(new SlipwayError('FORGE_UNREACHABLE', 'away'));
    const forges = new Map([['github', { ...github, pullsOf }]]);
    await expect(sendStatuses(key, { ...composition, forges }, neverAborts)).rejects.toMatchObject({
      code: 'FORGE_UNREACHABLE',
    });
    expect(Object.keys(await repository.lastStatuses(headSha))).toEqual([]);
    await sendStatuses(key, composition, neverAborts);
    expect(await repository.lastStatuses(headSha)).toHaveProperty('slipway/production');
  });

  it('looks for the pull requests again if the forge refused to name them', async () => {
    const { composition, key, headSha, repository } = await mergedCommit();
    const { github } = Object.fromEntries(composition.forges);
    if (!github) throw new Error('no forge');
    const pullsOf = () => Promise.reject(new SlipwayError('FORGE_INVALID', 'No.'));
    await sendStatuses(
      key,
      { ...composition, forges: new Map([['github', { ...github, pullsOf }]]) },
      neverAborts,
    );
    expect(Object.keys(await repository.lastStatuses(headSha))).toEqual([]);
    await sendStatuses(key, composition, neverAborts);
    expect(await repository.lastStatuses(headSha)).toHaveProperty('slipway/production');
  });
});
