import { describe, expect, it } from 'vitest';
import { intake } from '../../../src/intake/intake.ts';
import type { AnswerKey } from '../../../src/model/answer.ts';
import { notify } from '../../../src/notify/notify.ts';
import { app, appsYaml } from '../../support/apps.ts';
import { announce, partsUnderTest, quietRepository } from '../../support/parts.ts';

const never = new AbortController().signal;

/** A commit that was replaced before an intake looked, with its answer written and not yet sent. */
async function skippedCommit() {
  const { slipway, parts, anotherHost } = await partsUnderTest();
  const repository = await quietRepository(slipway, (namespace) => ({
    'slipway.yaml': appsYaml(namespace),
    ...app('web', '1'),
  }));
  const skipped = await repository.push(app('web', '2'));
  const head = await repository.push(app('web', '3'));
  for (const commit of [skipped, head]) await announce(parts, repository, commit);
  await intake(repository.id, parts, never);
  const key: AnswerKey = { repository: repository.id, commit: skipped, scope: 'production' };
  const status = async () => (await repository.lastStatuses(skipped))['slipway/production'];
  return { slipway, parts, anotherHost, repository, key, status };
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
    const { slipway, parts, repository, key, status } = await skippedCommit();
    await slipway.forge.setFaults('github', { statusErrors: [404] }, repository.name);
    await expect(notify(key, parts, never)).resolves.toBeUndefined();
    expect(await status()).toBeUndefined();
    const left = await parts.answers.unsent(Number.MAX_SAFE_INTEGER);
    expect(left.map(({ commit }) => commit)).not.toContain(key.commit);
  });

  it('that changes while it is sent is sent once more', async () => {
    const { parts, key, status } = await skippedCommit();
    const answers = {
      ...parts.answers,
      async settle(settled: AnswerKey, changedAt: string | null) {
        await parts.answers.write(key, [{ state: 'failed', reason: 'changed meanwhile' }]);
        await parts.answers.settle(settled, changedAt);
      },
    };
    await notify(key, { ...parts, answers }, never);
    const left = await parts.answers.unsent(Number.MAX_SAFE_INTEGER);
    expect(left.map(({ commit }) => commit)).toContain(key.commit);
    await notify(key, parts, never);
    expect(await status()).toMatchObject({ state: 'failure', description: 'changed meanwhile' });
  });
});
