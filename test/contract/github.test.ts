import { generateKeyPairSync, randomInt } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { forgeContract } from './forge.contract.ts';
import { headByGit } from './git-access.contract.ts';
import { startReceiver } from './support/receiver.ts';
import { openWorld, secret, type World } from './support/world.ts';

forgeContract('github', {
  pending: 'pending',
  success: 'success',
  failure: 'failure',
  superseded: 'success',
  'superseded by a force push': 'error',
});

describe('GitHub alone', () => {
  let world: World;

  beforeEach(() => {
    world = openWorld('github');
  });

  afterEach(() => world.client.close());

  test('a webhook sent as a form is read', async () => {
    const receiver = await startReceiver();
    const path = await world.repository();
    await world.client.addHook('github', path, {
      url: receiver.url,
      secret,
      contentType: 'form',
      events: ['push'],
    });

    const { sha } = await world.client.commit('github', path, 'main', { files: { a: '1' } });

    await world.client.quiet();
    await receiver.stop();
    const events = await Promise.all(receiver.received.map((request) => world.forge.readWebhook(request)));
    expect(events.at(-1)).toMatchObject({ ref: 'refs/heads/main', commit: sha });
  });

  test('the ping of a new webhook is recorded and rings nothing', async () => {
    const receiver = await startReceiver();
    const path = await world.repository();

    await world.client.addHook('github', path, { url: receiver.url, secret });

    await world.client.quiet();
    await receiver.stop();
    const events = await Promise.all(receiver.received.map((request) => world.forge.readWebhook(request)));
    expect(events).toEqual([expect.objectContaining({ event: 'ping', ignored: expect.any(String) })]);
  });

  test('a GitHub App reads with git and answers, and only where it is installed', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    });
    const appId = randomInt(1_000_000, 2_000_000_000);
    const path = await world.repository({ private: true });
    const other = await world.repository({ private: true });
    await world.client.addApp({ appId, publicKey });
    await world.client.addInstallation({ id: appId + 1, appId, repositories: [path] });
    const app = world.forgeWith({ auth: { kind: 'app', appId: String(appId), privateKey } });

    const head = await headByGit(app, `our-github/${path}`);
    const status = { context: 'slipway/production', state: 'success', description: 'deployed' } as const;
    await app.postStatus(`our-github/${path}`, head, status);

    expect(head).toBe(await world.client.head('github', path, 'main'));
    expect(await world.client.statuses('github', path, head)).toHaveLength(1);
    await expect(app.gitAccess(`our-github/${other}`)).rejects.toMatchObject({ code: 'FORGE_REFUSED' });
  });
});
