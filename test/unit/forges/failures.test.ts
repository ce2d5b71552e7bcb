import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { SlipwayError } from '../../../src/errors.ts';
import { type Scripted, type ScriptedServer, startScripted } from './scripted-server.ts';
import { forgeOf, githubConfig, gitlabConfig } from './support.ts';

const token = 'glpat-or-ghp-secret';
const sha = 'a'.repeat(40);
const status = { context: 'slipway/production', state: 'success', description: 'deployed' } as const;
const now = Date.UTC(2026, 10, 23);
const configs = { github: githubConfig, gitlab: gitlabConfig };

let server: ScriptedServer | undefined;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now });
});

afterEach(async () => {
  vi.useRealTimers();
  await server?.stop();
  server = undefined;
});

async function failureOf(face: 'github' | 'gitlab', response: Scripted): Promise<SlipwayError> {
  const running = await startScripted([response]);
  server = running;
  const forge = forgeOf({
    ...configs[face],
    url: running.url,
    apiUrl: running.url,
    auth: { kind: 'token', token },
  });
  return forge.postStatus(`${face}/acme/loans`, sha, status).then(
    () => Promise.reject(new Error('was accepted')),
    (error: SlipwayError) => error,
  );
}

const inTwoMinutes = String(now / 1000 + 120);

describe('returns the delay that a limit asks for', () => {
  test.each<[string, 'github' | 'gitlab', Scripted, number]>([
    ['secondary, with Retry-After', 'github', { status: 403, headers: { 'retry-after': '90' } }, 90_000],
    ['secondary, with 429', 'github', { status: 429, headers: { 'retry-after': '7' } }, 7_000],
    [
      'secondary, without a header',
      'github',
      { status: 403, body: { message: 'You have exceeded a secondary rate limit.' } },
      60_000,
    ],
    ['429 without a header', 'github', { status: 429 }, 60_000],
    [
      'primary',
      'github',
      { status: 403, headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': inTwoMinutes } },
      121_000,
    ],
    [
      'down for maintenance',
      'github',
      { status: 503, headers: { 'retry-after': 'Mon, 23 Nov 2026 00:00:30 GMT' } },
      30_000,
    ],
    ['with Retry-After', 'gitlab', { status: 429, headers: { 'retry-after': '12' } }, 12_000],
    ['with a reset', 'gitlab', { status: 429, headers: { 'ratelimit-reset': inTwoMinutes } }, 121_000],
    ['without a header', 'gitlab', { status: 429 }, 60_000],
    ['down for maintenance', 'gitlab', { status: 503, headers: { 'retry-after': '30' } }, 30_000],
  ])('%s (%s)', async (_case, face, response, wait) => {
    const error = await failureOf(face, response);

    expect(error).toMatchObject({ code: 'FORGE_UNREACHABLE', retryable: true, retryAfterMs: wait });
    expect(server?.seen).toHaveLength(1);
  });
});

describe('waits until a reset by the clock of the forge, which differs from its own', () => {
  const date = new Date(now + 600_000).toUTCString();
  const reset = String((now + 600_000) / 1000 + 120);
  test.each<['github' | 'gitlab', Scripted]>([
    ['github', { status: 403, headers: { date, 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset } }],
    ['gitlab', { status: 429, headers: { date, 'ratelimit-reset': reset } }],
    ['github', { status: 503, headers: { date, 'retry-after': new Date(now + 721_000).toUTCString() } }],
  ])('%s', async (face, response) => {
    expect(await failureOf(face, response)).toMatchObject({ retryAfterMs: 121_000 });
  });
});

describe.each(['github', 'gitlab'] as const)('%s', (face) => {
  test.each<[string, Scripted]>([
    ['a broken connection', 'drop'],
    ['500', { status: 500 }],
    ['502 of a proxy', { status: 502, headers: { 'content-type': 'text/html' }, body: '<html>' }],
  ])('%s is retryable', async (_case, response) => {
    expect(await failureOf(face, response)).toMatchObject({
      code: 'FORGE_UNREACHABLE',
      retryAfterMs: undefined,
    });
  });

  test.each([
    [401, 'FORGE_REFUSED', /token/],
    [403, 'FORGE_REFUSED', /rights/],
    [404, 'FORGE_REFUSED', /rights/],
    [422, 'FORGE_INVALID', /.+/],
  ])('%i is %s, not retryable, and names a next step', async (code, wanted, hint) => {
    const error = await failureOf(face, { status: code, body: { message: 'No.' } });

    expect(error).toMatchObject({
      code: wanted,
      retryable: false,
      hint: expect.stringMatching(hint),
    });
    expect(error.message).toContain(`${code} No.`);
  });

  test.each<[string, Scripted]>([
    ['no response', 'drop'],
    ['a refusal', { status: 403, body: { message: 'No.' } }],
    ['a limit', { status: 429 }],
  ])('%s: the error does not hold the token', async (_case, response) => {
    const error = await failureOf(face, response);

    expect(JSON.stringify([error, error.message, error.stack, error.cause])).not.toContain(token);
    expect(error.cause).toBeUndefined();
  });

  test('passes on the reason of an abort', async () => {
    const running = await startScripted([{ status: 500 }]);
    server = running;
    const forge = forgeOf({ ...configs[face], url: running.url, apiUrl: running.url });
    const reason = new Error('a newer commit');

    const response = forge.postStatus(`${face}/acme/loans`, sha, status, AbortSignal.abort(reason));

    await expect(response).rejects.toBe(reason);
    expect(running.seen).toHaveLength(0);
  });
});

test('explains that GitLab accepts no status for a commit without a branch', async () => {
  const error = await failureOf('gitlab', {
    status: 404,
    body: { message: '404 References for commit Not Found' },
  });

  expect(error).toMatchObject({
    code: 'FORGE_INVALID',
    hint: expect.stringContaining('No branch contains this commit'),
  });
});

test("a redirect does not carry GitLab's token to another host", async () => {
  const other = await startScripted([{ status: 200 }]);

  const error = await failureOf('gitlab', { status: 307, headers: { location: `${other.url}/x` } });

  await other.stop();
  expect(other.seen).toHaveLength(0);
  expect(error).toMatchObject({ code: 'FORGE_REFUSED' });
});
