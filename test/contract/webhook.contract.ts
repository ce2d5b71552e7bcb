import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Face } from '../../sandbox/forge/protocol.ts';
import type { WebhookEvent } from '../../src/model/delivery.ts';
import { type Fixture, openFixture, openPull, secret } from './support/fixture.ts';
import { type Receiver, startReceiver } from './support/receiver.ts';

/** The webhooks of every forge, sent by the sandbox's forge and parsed from the bytes that arrived. */
export function webhookContract(face: Face): void {
  describe(`webhooks of ${face}`, () => {
    let fixture: Fixture;
    let receiver: Receiver;
    let repository: string;

    beforeEach(async () => {
      fixture = openFixture(face);
      receiver = await startReceiver();
      repository = await fixture.repository();
      await fixture.client.addHook(face, repository, { url: receiver.url, secret });
      await fixture.client.quiet();
      receiver.received.length = 0;
    });

    afterEach(async () => {
      await receiver.stop();
      await fixture.client.close();
    });

    async function events(): Promise<WebhookEvent[]> {
      await fixture.client.quiet();
      return Promise.all(receiver.received.map((request) => fixture.forge.readWebhook(request)));
    }

    async function ringing(): Promise<WebhookEvent[]> {
      return (await events()).filter((event) => event.ignored === undefined);
    }

    test('a push names its repository, branch, commit and sender', async () => {
      const { sha } = await fixture.client.commit(face, repository, 'main', { files: { a: '1' } });

      const [event] = await ringing();

      expect(event).toMatchObject({
        repository: `our-${face}/${repository}`,
        ref: 'refs/heads/main',
        commit: sha,
      });
      expect(event?.sender).toBeTruthy();
    });

    test('a new branch is a push', async () => {
      await fixture.client.createBranch(face, repository, 'feature/x');

      expect((await ringing()).map((event) => event.ref)).toContain('refs/heads/feature/x');
    });

    test.each([
      ['a tag', {}],
      ['an annotated tag', { message: 'first' }],
    ])('%s names the commit that it points to', async (_case, options) => {
      const sha = await fixture.client.head(face, repository, 'main');

      await fixture.client.createTag(face, repository, 'v1', options);

      expect(await ringing()).toContainEqual(expect.objectContaining({ ref: 'refs/tags/v1', commit: sha }));
    });

    test('a deleted branch is ignored with that reason', async () => {
      await fixture.client.createBranch(face, repository, 'gone');
      await fixture.client.quiet();
      receiver.received.length = 0;

      await fixture.client.deleteBranch(face, repository, 'gone');

      const all = await events();
      expect(all.length).toBeGreaterThan(0);
      expect(new Set(all.map((event) => event.ignored))).toEqual(
        new Set(['branch gone was deleted, which deploys and deletes nothing']),
      );
    });

    test.each(['merge', 'squash', 'rebase'] as const)(
      'a pull request merged by %s says both commits',
      async (method) => {
        const pull = await openPull(fixture, repository, 'change');

        const { headSha } = await fixture.client.mergePullRequest(face, repository, pull.number, { method });

        const tip = await fixture.client.head(face, repository, 'main');
        const onMain = (await ringing()).filter((event) => event.ref === 'refs/heads/main');
        const merged = { number: pull.number, head: headSha, mergeCommit: tip, base: 'main' };
        expect(onMain.map((event) => event.commit)).toEqual([tip, tip]);
        expect(onMain.flatMap((event) => event.merged ?? [])).toEqual([merged]);
      },
    );

    test('a pull request that is closed without a merge is ignored', async () => {
      const pull = await openPull(fixture, repository, 'change');
      await fixture.client.quiet();
      receiver.received.length = 0;

      await fixture.client.closePullRequest(face, repository, pull.number);

      const all = await events();
      expect(all.length).toBeGreaterThan(0);
      expect(all.filter((event) => event.ignored === undefined)).toEqual([]);
    });

    test('a repeated delivery keeps its id, and another delivery has another id', async () => {
      await fixture.client.commit(face, repository, 'main', { files: { a: '1' } });
      const { id } = await fixture.client.waitForDelivery({ face, repo: repository, event: 'push' });
      await fixture.client.redeliver(id);
      await fixture.client.commit(face, repository, 'main', { files: { a: '2' } });

      const ids = (await ringing()).map((event) => event.id);

      expect(ids).toHaveLength(3);
      expect(ids[1]).toBe(ids[0]);
      expect(ids[2]).not.toBe(ids[0]);
    });

    test('a wrong secret is refused, and an old one is accepted while both are configured', async () => {
      await fixture.client.commit(face, repository, 'main', { files: { a: '1' } });
      await fixture.client.quiet();
      const [request] = receiver.received;
      if (!request) throw new Error('nothing arrived');

      const stranger = fixture.forgeWith({ webhookSecrets: ['another'] }).readWebhook(request);
      const rotated = fixture.forgeWith({ webhookSecrets: ['the next', secret] }).readWebhook(request);

      await expect(stranger).rejects.toMatchObject({ code: 'SIGNATURE_INVALID' });
      await expect(rotated).resolves.toMatchObject({ ref: 'refs/heads/main' });
    });

    test("names the project whose secret signed it, and none for the forge's own", async () => {
      await fixture.client.commit(face, repository, 'main', { files: { a: '1' } });
      await fixture.client.quiet();
      const [request] = receiver.received;
      if (!request) throw new Error('nothing arrived');
      const other = { project: 'shop', secret: 'another' };

      const ofProject = fixture.forgeWith({
        webhookSecrets: ['of the forge'],
        projectSecrets: [other, { project: 'lending', secret }],
      });
      const ofForge = fixture.forgeWith({ projectSecrets: [other] });
      const stranger = fixture.forgeWith({ webhookSecrets: ['of the forge'], projectSecrets: [other] });

      expect((await ofProject.readWebhook(request)).signer).toBe('lending');
      expect((await ofForge.readWebhook(request)).signer).toBeUndefined();
      await expect(stranger.readWebhook(request)).rejects.toMatchObject({ code: 'SIGNATURE_INVALID' });
    });

    test('a webhook without a secret is refused', async () => {
      const open = await fixture.repository();
      await fixture.client.addHook(face, open, { url: receiver.url });
      await fixture.client.commit(face, open, 'main', { files: { a: '1' } });
      await fixture.client.quiet();

      for (const request of receiver.received) {
        await expect(fixture.forge.readWebhook(request)).rejects.toMatchObject({ code: 'SIGNATURE_INVALID' });
      }
      expect(receiver.received.length).toBeGreaterThan(0);
    });
  });
}
