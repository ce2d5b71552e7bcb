import { generateKeyPairSync } from 'node:crypto';
import { afterEach, expect, test } from 'vitest';
import { type Scripted, type ScriptedServer, startScripted } from './scripted-server.ts';
import { forgeOf, githubConfig } from './support.ts';

const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});
const sha = 'a'.repeat(40);
const status = { context: 'slipway/production', state: 'success', description: 'deployed' } as const;
const installation: Scripted = { status: 200, body: { id: 42 } };
const ok: Scripted = { status: 201 };

let servers: ScriptedServer[] = [];

afterEach(async () => {
  await Promise.all(servers.map((server) => server.stop()));
  servers = [];
});

/** Expires after these minutes of this machine; the forge's clock is ahead by others. */
function token(value: string, minutes = 60, ahead = 0): Scripted {
  const inMinutes = (count: number) => new Date(Date.now() + count * 60_000);
  const headers = { date: inMinutes(ahead).toUTCString() };
  return { status: 201, headers, body: { token: value, expires_at: inMinutes(minutes).toISOString() } };
}

async function app(responses: Scripted[], installationId?: number, addSecret?: (secret: string) => void) {
  const server = await startScripted(responses);
  servers.push(server);
  const auth = { kind: 'app', appId: '1234', privateKey, installationId } as const;
  return {
    server,
    forge: forgeOf({ ...githubConfig, url: server.url, apiUrl: `${server.url}/api/v3`, auth }, addSecret),
  };
}

function basic(value: string): string {
  return `Authorization: Basic ${Buffer.from(`x-access-token:${value}`).toString('base64')}`;
}

test('requests an installation token with the app, caches it, and uses it for Git and the API', async () => {
  const { server, forge } = await app([installation, token('one'), ok]);

  const access = await forge.gitAccess('github/acme/loans');
  await forge.postStatus('github/acme/loans', sha, status);

  expect(access).toMatchObject({ kind: 'header', header: basic('one') });
  expect(server.seen.map(({ method, path }) => `${method} ${path}`)).toEqual([
    'GET /api/v3/repos/acme/loans/installation',
    'POST /api/v3/app/installations/42/access_tokens',
    `POST /api/v3/repos/acme/loans/statuses/${sha}`,
  ]);
  expect(server.seen[0]?.headers.authorization).toMatch(/^bearer ey/);
  expect(server.seen[2]?.headers.authorization).toBe('token one');
});

test('does not look up the installation if server.yaml names it', async () => {
  const { server, forge } = await app([token('one')], 7);

  await forge.gitAccess('github/acme/loans');

  expect(server.seen.map(({ path }) => path)).toEqual(['/api/v3/app/installations/7/access_tokens']);
});

test('concurrent calls request one token', async () => {
  const { server, forge } = await app([installation, token('one')]);

  await Promise.all(Array.from({ length: 5 }, () => forge.gitAccess('github/acme/loans')));

  expect(server.seen).toHaveLength(2);
});

test('replaces a token that is about to expire', async () => {
  const { forge } = await app([installation, token('one', 4), token('two')]);

  await forge.gitAccess('github/acme/loans');
  await new Promise((resolve) => setTimeout(resolve, 5));

  await expect(forge.gitAccess('github/acme/loans')).resolves.toMatchObject({ header: basic('two') });
});

test('replaces a token that is about to expire by the clock of the forge, if its own is half an hour behind', async () => {
  const { forge } = await app([installation, token('one', 34, 30), token('two')]);

  await forge.gitAccess('github/acme/loans');
  await new Promise((resolve) => setTimeout(resolve, 5));

  await expect(forge.gitAccess('github/acme/loans')).resolves.toMatchObject({ header: basic('two') });
});

test('replaces a token that GitHub no longer accepts once', async () => {
  const refusal: Scripted = { status: 401, body: { message: 'Bad credentials' } };
  const { server, forge } = await app([installation, token('one'), refusal, installation, token('two'), ok]);

  await forge.postStatus('github/acme/loans', sha, status);

  expect(server.seen.at(-1)?.headers.authorization).toBe('token two');
});

test('does not try wrong credentials a third time', async () => {
  const refusal: Scripted = { status: 401, body: { message: 'Bad credentials' } };
  const { server, forge } = await app([
    installation,
    token('one'),
    refusal,
    installation,
    token('two'),
    refusal,
  ]);

  await expect(forge.postStatus('github/acme/loans', sha, status)).rejects.toMatchObject({
    code: 'FORGE_REFUSED',
  });
  expect(server.seen).toHaveLength(6);
});

test('finds an app that was installed again under its new number', async () => {
  const ended: Scripted = { status: 404, body: { message: 'Not Found' } };
  const installed: Scripted = { status: 200, body: { id: 43 } };
  const { server, forge } = await app([installation, token('one', 4), ended, installed, token('two')]);

  await forge.gitAccess('github/acme/loans');
  await new Promise((resolve) => setTimeout(resolve, 5));

  await expect(forge.gitAccess('github/acme/loans')).resolves.toMatchObject({ header: basic('two') });
  expect(server.seen.at(-1)?.path).toBe('/api/v3/app/installations/43/access_tokens');
});

test('reports that the app is not installed', async () => {
  const { forge } = await app([{ status: 404, body: { message: 'Not Found' } }]);

  await expect(forge.gitAccess('github/acme/loans')).rejects.toMatchObject({
    code: 'FORGE_REFUSED',
    message: expect.stringContaining('not installed on acme/loans'),
  });
});

test('does not cache a failure', async () => {
  const { forge } = await app([{ status: 503 }, installation, token('one')]);

  await expect(forge.gitAccess('github/acme/loans')).rejects.toMatchObject({ code: 'FORGE_UNREACHABLE' });
  await expect(forge.gitAccess('github/acme/loans')).resolves.toMatchObject({ header: basic('one') });
});

test('two forges with an installation of the same number never get the token of the other', async () => {
  const one = await app([token('one')], 42);
  const two = await app([token('two')], 42);

  const [first, second] = await Promise.all([
    one.forge.gitAccess('github/acme/loans'),
    two.forge.gitAccess('github/acme/loans'),
  ]);

  expect(first).toMatchObject({ header: basic('one') });
  expect(second).toMatchObject({ header: basic('two') });
});

test('hands every installation token to the log, to be masked, before it is used', async () => {
  const secrets: string[] = [];
  const { forge } = await app([installation, token('one', 4), token('two')], undefined, (secret) =>
    secrets.push(secret),
  );

  await forge.gitAccess('github/acme/loans');
  await new Promise((resolve) => setTimeout(resolve, 5));
  await forge.gitAccess('github/acme/loans');

  expect(secrets).toEqual(['one', 'two']);
});
