import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Face } from '../../sandbox/forge/protocol.ts';
import type { CommitStatus } from '../../src/ports/forge.ts';
import { type Fixture, openFixture, openPull } from './support/fixture.ts';

/** The forge's own word for each state of Slipway. */
export type StateWords = Record<CommitStatus['state'] | 'superseded by a force push', string>;

const success: CommitStatus = {
  context: 'slipway/production',
  state: 'success',
  description: 'deployed in 1.2 s',
};

/** Commit reports to every forge: statuses, and the query for the pull requests of a commit. */
export function commitReportsContract(face: Face, words: StateWords): void {
  describe(`commit reports to ${face}`, () => {
    let fixture: Fixture;
    let path: string;
    let id: string;
    let sha: string;

    beforeEach(async () => {
      fixture = openFixture(face);
      path = await fixture.repository();
      id = `our-${face}/${path}`;
      sha = (await fixture.client.head(face, path, 'main')) ?? '';
    });

    afterEach(async () => {
      await fixture.client.clearFaults(face, path);
      await fixture.client.close();
    });

    async function lastState(context = success.context): Promise<string | undefined> {
      return (await fixture.client.statuses(face, path, sha)).findLast((status) => status.context === context)
        ?.state;
    }

    test.each<[keyof StateWords, Partial<CommitStatus>]>([
      ['pending', { state: 'pending' }],
      ['success', { state: 'success' }],
      ['failure', { state: 'failure' }],
      ['superseded', { state: 'superseded', inSuccessor: true }],
      ['superseded by a force push', { state: 'superseded', inSuccessor: false }],
    ])("%s is posted in the forge's own word", async (state, change) => {
      await fixture.forge.postStatus(id, sha, { ...success, ...change });

      expect(await lastState()).toBe(words[state]);
    });

    test('a status carries its context, text and link', async () => {
      const url = 'https://slipway.example.com/releases/0a1b2c3d-7?sig=x';

      await fixture.forge.postStatus(id, sha, { ...success, url });

      expect(await fixture.client.statuses(face, path, sha)).toEqual([
        expect.objectContaining({
          context: success.context,
          description: success.description,
          targetUrl: url,
        }),
      ]);
    });

    test('a text that is too long is cut instead of refused', async () => {
      await fixture.forge.postStatus(id, sha, { ...success, description: 'é'.repeat(500) });

      const [status] = await fixture.client.statuses(face, path, sha);
      expect(status?.description).toBe(`${'é'.repeat(139)}…`);
    });

    test('a text with characters that UTF-8 writes in four bytes is accepted', async () => {
      await fixture.forge.postStatus(id, sha, { ...success, description: 'image "🚀:v1" not found 🚀' });

      const [status] = await fixture.client.statuses(face, path, sha);
      expect(status?.description).toMatch(/^image ".:v1" not found .$/u);
    });

    test('a text is never cut through a character', async () => {
      await fixture.forge.postStatus(id, sha, { ...success, description: '🚀'.repeat(200) });

      const [status] = await fixture.client.statuses(face, path, sha);
      expect(status?.description).toMatch(/^(.)\1{138}…$/u);
      expect(status?.description?.isWellFormed()).toBe(true);
    });

    test.each(['pending', 'success', 'failure'] as const)('%s may be posted twice', async (state) => {
      await fixture.forge.postStatus(id, sha, { ...success, state });
      await fixture.forge.postStatus(id, sha, { ...success, state, description: 'in other words' });

      expect(await lastState()).toBe(words[state]);
    });

    test('a failed status may be followed by another release', async () => {
      for (const state of ['pending', 'failure', 'pending', 'success'] as const) {
        await fixture.forge.postStatus(id, sha, { ...success, state });
        expect(await lastState()).toBe(words[state]);
      }
    });

    test('several contexts of one commit exist side by side, even if they are posted at once', async () => {
      const contexts = [
        'slipway/production',
        'slipway/production/web',
        'slipway/production/worker',
        'slipway/config',
      ];

      await Promise.all(
        contexts.map((context) => fixture.forge.postStatus(id, sha, { ...success, context })),
      );

      const seen = await fixture.client.statuses(face, path, sha);
      expect(seen.map((status) => status.context).sort()).toEqual([...contexts].sort());
    });

    test('a rate limit is returned at once with the time to wait', async () => {
      // Waiting for its end would take longer than a test may take.
      await fixture.client.setFaults(face, { rateLimit: { times: 1, retryAfter: 7_700 } }, path);

      const response = fixture.forge.postStatus(id, sha, success);

      await expect(response).rejects.toMatchObject({ code: 'FORGE_UNREACHABLE', retryAfterMs: 7_700_000 });
      await fixture.forge.postStatus(id, sha, success);
      expect(await lastState()).toBe(words.success);
    });

    test.each([
      ['503', { statusDown: true }],
      ['a dropped connection', { apiDown: true }],
    ])('%s is retryable', async (_case, faults) => {
      await fixture.client.setFaults(face, faults, path);

      await expect(fixture.forge.postStatus(id, sha, success)).rejects.toMatchObject({
        code: 'FORGE_UNREACHABLE',
      });

      await fixture.client.clearFaults(face, path);
      await fixture.forge.postStatus(id, sha, success);
      expect(await lastState()).toBe(words.success);
    });

    test('a wrong token is not retryable and does not appear in the error', async () => {
      const token = 'a-token-of-nobody';
      const stranger = fixture.forgeWith({ auth: { kind: 'token', token } });

      const error: unknown = await stranger.postStatus(id, sha, success).catch((thrown: unknown) => thrown);

      expect(error).toMatchObject({ code: 'FORGE_REFUSED', hint: expect.stringContaining('token') });
      expect(JSON.stringify([error, String(error)])).not.toContain(token);
    });

    test('a commit that the forge does not have is named as the reason', async () => {
      const response = fixture.forge.postStatus(id, 'd'.repeat(40), success);

      await expect(response).rejects.toMatchObject({ code: 'COMMIT_MISSING' });
    });

    test('the statuses of a commit are listed with what is open, the newest of each context', async () => {
      const post = (context: string, state: CommitStatus['state']) =>
        fixture.forge.postStatus(id, sha, { ...success, context, state });
      const place = await post('slipway/production', 'pending');
      await post('slipway/production/web', 'pending');
      await post('slipway/production/web', 'failure');
      await post('slipway/staging', 'success');

      const found = await fixture.forge.statusesOf(id, sha);

      expect(new Map(found.map(({ context, isOpen }) => [context, isOpen]))).toEqual(
        new Map([
          ['slipway/production', true],
          ['slipway/production/web', false],
          ['slipway/staging', false],
        ]),
      );
      expect(new Set(found.map((one) => one.place))).toEqual(new Set([place]));
    });

    test('more statuses than a page holds are listed completely', async () => {
      const contexts = Array.from({ length: 101 }, (_, i) => `slipway/production/app-${i}`);
      for (const context of contexts) await fixture.forge.postStatus(id, sha, { ...success, context });

      const found = await fixture.forge.statusesOf(id, sha);

      expect(found.map(({ context }) => context).toSorted()).toEqual(contexts.toSorted());
    });

    test('a commit that the forge does not have has no statuses', async () => {
      expect(await fixture.forge.statusesOf(id, 'd'.repeat(40))).toEqual([]);
    });

    test.each(['merge', 'squash', 'rebase'] as const)(
      'finds the pull request of a %s by its commit',
      async (method) => {
        const pull = await openPull(fixture, path, 'change');
        const { headSha } = await fixture.client.mergePullRequest(face, path, pull.number, { method });
        const tip = (await fixture.client.head(face, path, 'main')) ?? '';

        const found = await fixture.forge.pullsOf(id, tip, 'main');

        expect(found).toEqual([{ number: pull.number, head: headSha }]);
      },
    );

    test.each(['merge', 'squash', 'rebase'] as const)('confirms which commit a %s made', async (method) => {
      const pull = await openPull(fixture, path, 'change');
      expect(await fixture.forge.pullThatMade(id, pull.headSha, pull.number)).toBeUndefined();
      const { headSha } = await fixture.client.mergePullRequest(face, path, pull.number, { method });
      const tip = (await fixture.client.head(face, path, 'main')) ?? '';

      expect(await fixture.forge.pullThatMade(id, tip, pull.number)).toEqual({
        number: pull.number,
        head: headSha,
      });
      expect(await fixture.forge.pullThatMade(id, sha, pull.number)).toBeUndefined();
    });

    test('confirms no pull request that the forge does not have', async () => {
      expect(await fixture.forge.pullThatMade(id, sha, 4711)).toBeUndefined();
    });

    test('does not find pull requests that are open or go to another branch', async () => {
      const pull = await openPull(fixture, path, 'change');
      await fixture.client.createBranch(face, path, 'staging');
      await fixture.client.openPullRequest(face, path, {
        title: 'elsewhere',
        head: 'change',
        base: 'staging',
      });

      expect(await fixture.forge.pullsOf(id, pull.headSha, 'main')).toEqual([]);
      const { mergeCommitSha } = await fixture.client.mergePullRequest(face, path, pull.number);
      expect(await fixture.forge.pullsOf(id, mergeCommitSha ?? '', 'staging')).toEqual([]);
    });

    test('finds none for a commit that came without a pull request', async () => {
      expect(await fixture.forge.pullsOf(id, sha, 'main')).toEqual([]);
    });
  });
}
