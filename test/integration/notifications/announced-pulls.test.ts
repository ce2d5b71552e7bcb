import { describe, expect, it } from 'vitest';
import { intake } from '../../../src/intake/intake.ts';
import type { CommitReportKey } from '../../../src/model/commit-report.ts';
import type { MergedPull } from '../../../src/model/delivery.ts';
import { sendStatuses } from '../../../src/notifications/commit-status/send-statuses.ts';
import { app, appsYaml } from '../../support/apps.ts';
import { announce, compositionUnderTest, quietRepository } from '../../support/composition.ts';

const neverAborts = new AbortController().signal;
const context = 'slipway/production';

/** A merged pull request, and another one that is open: its head is what a forged webhook aims at. */
async function mergedAndOpen() {
  const { slipway, composition } = await compositionUnderTest();
  const repository = await quietRepository(slipway, (namespace) => ({
    'slipway.yaml': appsYaml(namespace),
    ...app('web', '1'),
  }));
  await repository.push(app('web', '2'), 'work');
  const { number, headSha, mergeCommitSha } = await repository.merge('work', 'squash');
  const commit = mergeCommitSha ?? '';
  const victim = await repository.push(app('web', '3'), 'victim');
  const open = await slipway.forge.openPullRequest('github', repository.name, { title: 'x', head: 'victim' });
  const key: CommitReportKey = { repository: repository.id, commit, scope: 'production' };
  return {
    composition,
    repository,
    commit,
    number,
    headSha,
    victim,
    open,
    /** Delivers what a webhook claims, lets an intake look, and sends the report. */
    async claim(merged: MergedPull) {
      await announce(composition, repository, commit, 'main', { merged });
      await intake(repository.id, composition, neverAborts);
      await sendStatuses(key, composition, neverAborts);
    },
    send: () => sendStatuses(key, composition, neverAborts),
    statusOn: async (sha: string) => (await repository.lastStatuses(sha))[context],
    asked: async () => {
      const requests = await slipway.forge.requests('github', repository.name);
      return requests.filter(({ path }) => path.endsWith(`/pulls/${number}`)).length;
    },
  };
}

describe('a webhook that claims that a pull request was merged', () => {
  it('never leads to a status on the head that it names, if the forge knows no such pull request', async () => {
    const { claim, commit, victim, headSha, statusOn } = await mergedAndOpen();
    await claim({ number: 4711, head: victim, mergeCommit: commit, base: 'main' });
    expect(await statusOn(victim)).toBeUndefined();
    expect(await statusOn(commit)).toBeDefined();
    // The true one is found all the same.
    expect(await statusOn(headSha)).toBeDefined();
  });

  it('never leads to a status on the head of a pull request that is open', async () => {
    const { claim, commit, victim, open, statusOn } = await mergedAndOpen();
    await claim({ number: open.number, head: victim, mergeCommit: commit, base: 'main' });
    expect(await statusOn(victim)).toBeUndefined();
  });

  it('leads to statuses on the head that the forge names, whatever head it names itself', async () => {
    const { claim, commit, victim, number, headSha, statusOn } = await mergedAndOpen();
    await claim({ number, head: victim, mergeCommit: commit, base: 'main' });
    expect(await statusOn(headSha)).toEqual(expect.objectContaining({ context }));
    expect(await statusOn(victim)).toBeUndefined();
  });

  it('asks the forge once, however often the report changes', async () => {
    const { composition, repository, claim, send, commit, number, headSha, asked } = await mergedAndOpen();
    await claim({ number, head: headSha, mergeCommit: commit, base: 'main' });
    const key = { repository: repository.id, commit, scope: 'production' };
    for (const state of ['verifying', 'succeeded'] as const) {
      await composition.reports.write(key, [{ target: repository.target('web'), state }]);
      await send();
    }
    expect(await asked()).toBe(1);
  });
});
