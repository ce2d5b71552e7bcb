import { generateKeyPairSync, randomInt } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { forgeContract } from './forge.contract.ts';
import { headByGit } from './git-access.contract.ts';
import { type Fixture, openFixture, secret } from './support/fixture.ts';
import { loadGithubDescription } from './support/github-description.ts';
import { startReceiver } from './support/receiver.ts';

/** The parts of a path that differ between calls: a repository's name, a commit, an installation. */
const variable = /loans-[0-9a-f]{8}|[0-9a-f]{40}|\d+/g;
const started = performance.timeOrigin + performance.now() - 1000;

forgeContract('github', {
  pending: 'pending',
  success: 'success',
  failure: 'failure',
  superseded: 'success',
  'superseded by a force push': 'error',
});

describe('the GitHub forge', () => {
  let fixture: Fixture;

  beforeEach(() => {
    fixture = openFixture('github');
  });

  afterEach(() => fixture.client.close());

  test('reads a webhook that is sent as a form', async () => {
    const receiver = await startReceiver();
    const path = await fixture.repository();
    await fixture.client.addHook('github', path, {
      url: receiver.url,
      secret,
      contentType: 'form',
      events: ['push'],
    });

    const { sha } = await fixture.client.commit('github', path, 'main', { files: { a: '1' } });

    await fixture.client.quiet();
    await receiver.stop();
    const events = await Promise.all(receiver.received.map((request) => fixture.forge.readWebhook(request)));
    expect(events.at(-1)).toMatchObject({ ref: 'refs/heads/main', commit: sha });
  });

  test('records the ping of a new webhook and enqueues nothing', async () => {
    const receiver = await startReceiver();
    const path = await fixture.repository();

    await fixture.client.addHook('github', path, { url: receiver.url, secret });

    await fixture.client.quiet();
    await receiver.stop();
    const events = await Promise.all(receiver.received.map((request) => fixture.forge.readWebhook(request)));
    expect(events).toEqual([expect.objectContaining({ event: 'ping', ignored: expect.any(String) })]);
  });

  test('reads with git and posts statuses as a GitHub App, only where the App is installed', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    });
    const appId = randomInt(1_000_000, 2_000_000_000);
    const path = await fixture.repository({ private: true });
    const other = await fixture.repository({ private: true });
    await fixture.client.addApp({ appId, publicKey });
    await fixture.client.addInstallation({ id: appId + 1, appId, repositories: [path] });
    const app = fixture.forgeWith({ auth: { kind: 'app', appId: String(appId), privateKey } });

    const head = await headByGit(app, `our-github/${path}`);
    const status = { context: 'slipway/production', state: 'success', description: 'deployed' } as const;
    await app.postStatus(`our-github/${path}`, head, status);

    expect(head).toBe(await fixture.client.head('github', path, 'main'));
    expect(await fixture.client.statuses('github', path, head)).toHaveLength(1);
    await expect(app.gitAccess(`our-github/${other}`)).rejects.toMatchObject({ code: 'FORGE_REFUSED' });
  });
});

// Runs after the others of this file, and checks the requests that they made Slipway send.
test("every request fits GitHub's published API description", async () => {
  const { validateRequest } = await loadGithubDescription();
  const { client } = openFixture('github');
  const recorded = await client.requests('github');
  await client.close();

  const ours = recorded.filter(
    ({ at, kind, repo, path }) =>
      at >= started && kind === 'rest' && (repo?.startsWith('acme/loans-') || path.startsWith('/app/')),
  );
  // At a limit the forge responds before it has read the body, so there is none to check.
  const read = ours.filter(({ status, body }) => !(status === 403 && body === null));

  expect(read.flatMap((request) => validateRequest(request))).toEqual([]);
  expect(new Set(read.map(({ method, path }) => `${method} ${path.replaceAll(variable, '{}')}`))).toEqual(
    new Set([
      'POST /repos/acme/{}/statuses/{}',
      'GET /repos/acme/{}/commits/{}/pulls',
      'GET /repos/acme/{}/pulls/{}',
      'GET /repos/acme/{}/commits/{}/status',
      'GET /repos/acme/{}/installation',
      'POST /app/installations/{}/access_tokens',
    ]),
  );
});
