import { describe, expect, it } from 'vitest';
import { sweepOnce } from '../../../src/intake/sweep.ts';
import type { CommitReportKey } from '../../../src/model/commit-report.ts';
import { sendStatuses } from '../../../src/notifications/commit-status/send-statuses.ts';
import { memberOf } from '../../../src/store/commit-reports.ts';
import {
  type CompositionUnderTest,
  compositionUnderTest,
  quietRepository,
} from '../../support/composition.ts';
import type { TestRepository } from '../../support/repository.ts';

const neverAborts = new AbortController().signal;
const context = 'slipway/production';

/** A commit whose report waits to be sent. */
async function reported(repository: TestRepository, { composition }: CompositionUnderTest) {
  const commit = await repository.push({ 'README.md': String(Math.random()) });
  const key: CommitReportKey = { repository: repository.id, commit, scope: 'production' };
  await composition.reports.open(key, 'main');
  return key;
}

async function oneReport() {
  const fixture = await compositionUnderTest();
  const repository = await quietRepository(fixture.slipway, () => ({ 'README.md': 'loans' }));
  const key = await reported(repository, fixture);
  const { composition, slipway } = fixture;
  return {
    ...fixture,
    repository,
    key,
    send: (one = key) => sendStatuses(one, composition, neverAborts),
    refuse: (...statusErrors: number[]) =>
      slipway.forge.setFaults('github', { statusErrors }, repository.name),
    sentOf: (one: CommitReportKey) => composition.redis.hgetall(composition.keys.sent(one)),
    status: async ({ commit } = key) => (await repository.lastStatuses(commit))[context],
    unsent: async () => (await composition.reports.unsent(0)).map(({ commit }) => commit),
  };
}

describe('a status that the forge refuses', () => {
  it.each([401, 403, 404])(
    'with %i stays unsent, is listed, and is sent once a probe is accepted',
    async (code) => {
      const { composition, repository, key, send, refuse, status, unsent, sentOf } = await oneReport();
      await refuse(code);
      expect(await send()).toBe('refused');
      expect(await status()).toBeUndefined();
      expect(await sentOf(key)).toEqual({});
      expect(await composition.refused.list()).toMatchObject([
        { repository: repository.id, reports: 1, failure: { code: 'FORGE_REFUSED' } },
      ]);
      // The sweep leaves it alone until the pause is over.
      expect(await composition.refused.takeProbes('due')).toEqual([]);
      expect(await unsent()).toEqual([]);

      expect(await composition.refused.takeProbes('all')).toEqual([key]);
      expect(await unsent()).toEqual([key.commit]);
      expect(await send()).toBe('sent');
      expect(await status()).toMatchObject({ state: 'success', description: 'nothing to deploy' });
      expect(await composition.refused.list()).toEqual([]);
      expect(await unsent()).toEqual([]);
    },
  );

  it('waits longer after each try in vain, and the sweep enqueues one report a repository', async () => {
    const { composition, repository, send, refuse, ...fixture } = await oneReport();
    const other = await reported(repository, { composition, ...fixture });
    await refuse(401, 401, 401);
    await send();
    await send(other);
    const { redis, keys } = composition;
    const dueAt = async () => Number(await redis.zscore(keys.refusals, repository.id));
    const since = Number(await redis.hget(keys.refusal(repository.id), 'since'));
    expect(await dueAt()).toBe(since + 60);
    await redis.zadd(keys.refusals, 0, repository.id);
    const probedAfter = Number((await redis.time())[0]);
    await sweepOnce(composition);
    expect(await composition.wakeUps.counts()).toMatchObject({ notify: { waiting: 1 } });
    const nextTry = await dueAt();
    expect(nextTry).toBeGreaterThanOrEqual(probedAfter + 120);
    expect(await send(other)).toBe('refused');
    expect((await composition.refused.list())[0]).toMatchObject({ reports: 2 });
    // A refusal in between does not postpone the next try.
    expect(await dueAt()).toBe(nextTry);
  });

  it('becomes unsent again as soon as the forge accepts a status of any commit of the repository', async () => {
    const { composition, repository, key, send, refuse, unsent, ...fixture } = await oneReport();
    await refuse(403);
    await send();
    const next = await reported(repository, { composition, ...fixture });
    expect(await send(next)).toBe('sent');
    expect(await composition.refused.list()).toEqual([]);
    expect(await unsent()).toEqual([key.commit]);
  });

  it('stays refused if the only report that ends well had nothing to send', async () => {
    const { composition, repository, key, send, refuse, ...fixture } = await oneReport();
    await send();
    const next = await reported(repository, { composition, ...fixture });
    await refuse(403);
    await send(next);
    await composition.reports.open(key, 'main');
    expect(await send()).toBe('sent');
    expect(await composition.refused.list()).toMatchObject([{ reports: 1 }]);
  });

  it('because it does not have the commit yet is tried again', async () => {
    const { key, send, refuse, status, unsent, sentOf } = await oneReport();
    await refuse(422);
    await expect(send()).rejects.toMatchObject({ code: 'FORGE_UNREACHABLE', retryAfterMs: undefined });
    expect(await sentOf(key)).toEqual({});
    expect(await unsent()).toEqual([key.commit]);
    expect(await send()).toBe('sent');
    expect(await status()).toMatchObject({ state: 'success' });
  });

  it('because it never gets the commit is dropped after a while, and never counts as sent', async () => {
    const { composition, key, send, refuse, status, unsent, sentOf } = await oneReport();
    await refuse(422);
    await composition.redis.zadd(composition.keys.unsent, Date.now() - 180_000, memberOf(key));
    expect(await send()).toBe('sent');
    expect(await status()).toBeUndefined();
    expect(Object.keys(await sentOf(key))).not.toContain(`${key.commit} ${context}`);
    expect(await unsent()).toEqual([]);
    expect(await composition.refused.list()).toEqual([]);
  });
});

describe('a report that Redis no longer has', () => {
  it('says nothing, although it is still listed as unsent', async () => {
    const { composition, key, send, status, unsent } = await oneReport();
    await composition.redis.del(composition.keys.report(key));
    expect(await send()).toBe('sent');
    expect(await status()).toBeUndefined();
    expect(await unsent()).toEqual([]);
  });
});
