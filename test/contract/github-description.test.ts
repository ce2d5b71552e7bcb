import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAppAuth } from '@octokit/auth-app';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ForgeClient } from '../../sandbox/forge/client.ts';
import { type Forge, startForge } from '../../sandbox/forge/forge.ts';
import { type GithubDescription, loadGithubDescription } from './support/github-description.ts';

const REPO = 'acme/loans';

let dir: string;
let forge: Forge;
let client: ForgeClient;
let description: GithubDescription;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'slipway-forge-'));
  forge = await startForge({ dir });
  client = new ForgeClient(forge);
  description = await loadGithubDescription();
});

afterAll(async () => {
  await client.close();
  await forge.stop();
  await rm(dir, { recursive: true });
});

/** One REST call; returns the status and the violations of GitHub's description by the call or its response. */
const call = async (method: string, path: string, body?: unknown, token = forge.github.token) => {
  const response = await fetch(`${forge.github.url}/api/v3${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: body === undefined ? null : JSON.stringify(body),
  });
  const text = await response.text();
  const { pathname, searchParams } = new URL(path, 'http://forge');
  const asked = { method, path: pathname, query: Object.fromEntries(searchParams), body: body ?? null };
  const data: unknown = JSON.parse(text);
  const errors = [
    ...description.validateRequest(asked),
    ...description.validateResponse(asked, { status: response.status, body: data }),
  ];
  return { status: response.status, data, errors, headers: response.headers };
};

describe('the response of the forge fits the description of GitHub to', () => {
  const at = `/repos/${REPO}`;
  let sha: string;
  let deployment: number;
  let comment: number;

  beforeAll(async () => {
    await client.createRepository('github', REPO, { files: { 'README.md': 'loans' } });
    for (const branch of ['one', 'two']) {
      await client.commit('github', REPO, branch, { files: { [branch]: '1' } });
    }
    await client.openPullRequest('github', REPO, { title: 'One', head: 'one' });
    sha = (await client.head('github', REPO, 'one')) ?? '';
    await call('POST', `${at}/statuses/${sha}`, { state: 'success', context: 'slipway/production' });
    const made = await call('POST', `${at}/deployments`, {
      ref: sha,
      required_contexts: [],
      auto_merge: false,
    });
    deployment = (made.data as { id: number }).id;
    const said = await call('POST', `${at}/issues/1/comments`, { body: 'a plan' });
    comment = (said.data as { id: number }).id;
  });

  const status = { state: 'pending', context: 'slipway/production', description: 'queued' };
  test.each<[name: string, expected: number, ask: () => Promise<Awaited<ReturnType<typeof call>>>]>([
    ['a repository', 200, () => call('GET', at)],
    ['a missing repository', 404, () => call('GET', '/repos/acme/none')],
    ['a commit', 200, () => call('GET', `${at}/commits/${sha}`)],
    ['branches', 200, () => call('GET', `${at}/branches?per_page=2`)],
    ['a branch', 200, () => call('GET', `${at}/branches/main`)],
    ['a new status', 201, () => call('POST', `${at}/statuses/${sha}`, status)],
    ['a status of an unknown commit', 422, () => call('POST', `${at}/statuses/${'1'.repeat(40)}`, status)],
    ['the combined status', 200, () => call('GET', `${at}/commits/${sha}/status`)],
    ['the statuses', 200, () => call('GET', `${at}/commits/${sha}/statuses?page=1`)],
    [
      'a new pull request',
      201,
      () => call('POST', `${at}/pulls`, { title: 'Two', head: 'two', base: 'main' }),
    ],
    ['pull requests', 200, () => call('GET', `${at}/pulls?state=all`)],
    ['a pull request', 200, () => call('GET', `${at}/pulls/1`)],
    ['the pull requests of a commit', 200, () => call('GET', `${at}/commits/${sha}/pulls?per_page=100`)],
    ['a new comment', 201, () => call('POST', `${at}/issues/1/comments`, { body: 'hello' })],
    [
      'a changed comment',
      200,
      () => call('PATCH', `${at}/issues/comments/${comment}`, { body: 'hello again' }),
    ],
    ['comments', 200, () => call('GET', `${at}/issues/1/comments?per_page=1`)],
    ['deployments', 200, () => call('GET', `${at}/deployments`)],
    [
      'a new deployment status',
      201,
      () => call('POST', `${at}/deployments/${deployment}/statuses`, { state: 'queued' }),
    ],
    ['a merge', 200, () => call('PUT', `${at}/pulls/1/merge`, { merge_method: 'squash' })],
    ['a merge that was done before', 405, () => call('PUT', `${at}/pulls/1/merge`, {})],
  ])('%s', async (_name, expected, ask) => {
    const response = await ask();

    expect(response.errors).toEqual([]);
    expect(response.status).toBe(expected);
    expect(response.headers.get('x-ratelimit-remaining')).toMatch(/^\d+$/);
  });
});

describe('a GitHub App', () => {
  const keys = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const INSTALLED = 'acme/installed';

  beforeAll(async () => {
    await client.createRepository('github', INSTALLED, { files: { a: '1' }, private: true });
    await client.createRepository('github', 'acme/elsewhere', { files: { a: '1' }, private: true });
    await client.addApp({ appId: 7, publicKey: keys.publicKey });
    await client.addInstallation({ id: 70, appId: 7, repositories: [INSTALLED] });
  });

  const jwt = async (privateKey = keys.privateKey): Promise<string> =>
    (await createAppAuth({ appId: 7, privateKey })({ type: 'app' })).token;

  test('finds its installation, gets a token for it, and sees no other repository', async () => {
    const found = await call('GET', `/repos/${INSTALLED}/installation`, undefined, await jwt());
    const given = await call('POST', '/app/installations/70/access_tokens', {}, await jwt());
    const { token } = given.data as { token: string };
    const inside = await call('GET', `/repos/${INSTALLED}`, undefined, token);
    const outside = await call('GET', '/repos/acme/elsewhere', undefined, token);

    const responses = [found, given, inside, outside];
    expect(responses.map(({ status }) => status)).toEqual([200, 201, 200, 404]);
    expect(responses.flatMap(({ errors }) => errors)).toEqual([]);
    const logged = (await client.requests('github')).map(({ response }) => JSON.stringify(response));
    expect(logged.filter((response) => response.includes(token))).toEqual([]);
  });

  test('is refused with another key', async () => {
    const { privateKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    });

    const refused = await call('POST', '/app/installations/70/access_tokens', {}, await jwt(privateKey));

    expect(refused.status).toBe(401);
  });
});

describe('the description rejects', () => {
  const path = `/repos/${REPO}/statuses/${'a'.repeat(40)}`;
  const right = { method: 'POST', path, query: {}, body: { state: 'success' } };

  test.each([
    ['a state that does not exist', { ...right, body: { state: 'done' } }, /\/state must be equal/],
    ['a missing state', { ...right, body: { context: 'x' } }, /must have required property 'state'/],
    ['a misspelt key', { ...right, body: { state: 'success', targetUrl: 'x' } }, /unknown key targetUrl/],
    ['a missing body', { ...right, body: null }, /body is missing/],
    ['an unknown query parameter', { ...right, query: { pages: '1' } }, /\?pages is no parameter/],
    ['a path that does not exist', { ...right, path: '/repos/acme/loans/status' }, /is not described/],
  ])('%s', (_name, request, expected) => {
    expect(description.validateRequest(right)).toEqual([]);
    expect(description.validateRequest(request).join('\n')).toMatch(expected);
  });

  test('a response without a required field', () => {
    const errors = description.validateResponse(right, { status: 201, body: { id: 1 } });

    expect(errors.join('\n')).toMatch(/must have required property 'state'/);
  });
});
