import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadServerConfig, readServerConfig } from '../../../src/config/load-server.ts';
import { forgeTypes } from '../../../src/forges/registry.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-tokens-'));
});
afterEach(() => rm(folder, { recursive: true }));

const env = {
  HOOK: 'the-hook-secret-of-the-forge',
  API: 'the-token-of-the-pipeline',
  OTHER: 'the-token-of-somebody-else',
  SHORT: 'hunter2-hunter2',
  HOME: '/home/x',
};

const parts = {
  publicUrl: 'https://slipway.example.com',
  redis: '{ url: redis://127.0.0.1 }',
  forges: '{ github: { type: github, webhookSecrets: [{ env: HOOK }] } }',
  clusters: '{ prod: { inCluster: true } }',
};

async function write(more: Record<string, string>): Promise<string> {
  const file = join(folder, 'server.yaml');
  const lines = Object.entries({ ...parts, ...more }).map(([key, value]) => `${key}: ${value}`);
  await writeFile(file, lines.join('\n'));
  return file;
}

const rules = '{ prod: { branches: [main], namespaces: [a] } }';
const one = (secret: string, projects = '["*"]') =>
  `{ name: ci, role: viewer, projects: ${projects}, ${secret} }`;
const token = (secret: string, projects?: string) => `{ tokens: [${one(secret, projects)}] }`;

test('a token for "*" has no list of projects, any other has the projects that it names', async () => {
  const projects = `{ lending: { repositories: [github/a/b], clusters: ${rules} } }`;
  const api = `{ tokens: [${one('secret: { env: API }')}, { name: b, role: admin, projects: [lending], secret: { env: OTHER } }] }`;
  const config = await loadServerConfig(await write({ projects, api }), env, forgeTypes);

  expect(config.api.tokens).toEqual([
    { name: 'ci', role: 'viewer', projects: undefined, secret: env.API },
    { name: 'b', role: 'admin', projects: ['lending'], secret: env.OTHER },
  ]);
});

test.each<[string, Record<string, string>, string]>([
  [
    'a token without a name',
    { api: '{ tokens: [{ env: API }] }' },
    ':5: api.tokens[0]: unknown key "env"; possible are name, role, projects, secret',
  ],
  [
    'a token without a role',
    { api: '{ tokens: [{ name: ci, projects: ["*"], secret: { env: API } }] }' },
    ':5: api.tokens[0].role is missing',
  ],
  [
    'a token without projects',
    { api: '{ tokens: [{ name: ci, role: viewer, secret: { env: API } }] }' },
    ':5: api.tokens[0].projects is missing',
  ],
  [
    'a token of an unknown project',
    {
      api: token('secret: { env: API }', '[lendign]'),
      projects: `{ lending: { repositories: [github/a/b], clusters: ${rules} } }`,
    },
    ':5: unknown project "lendign"; did you mean "lending"?',
  ],
  [
    'a webhook secret of fifteen characters',
    { forges: '{ github: { type: github, webhookSecrets: [{ env: SHORT }] } }' },
    ':3: forges.github.webhookSecrets[0]: the secret has fewer than 16 characters',
  ],
  [
    'a token of fifteen characters',
    { api: token('secret: { env: SHORT }') },
    ':5: api.tokens[0].secret: the secret has fewer than 16 characters',
  ],
  [
    'a link secret of fifteen characters',
    { linkSecret: '{ env: SHORT }' },
    ':5: linkSecret: the secret has fewer than 16 characters',
  ],
  [
    'two tokens of one name',
    { api: `{ tokens: [${one('secret: { env: API }')}, ${one('secret: { env: OTHER }')}] }` },
    ':5: two tokens are called "ci"',
  ],
  [
    'two tokens of one secret',
    {
      api: `{ tokens: [${one('secret: { env: API }')}, ${one('secret: { env: API }').replace('ci', 'ada')}] }`,
    },
    ':5: api.tokens[1].secret: another token has the same secret',
  ],
  [
    'a login for pages without any token',
    { projects: `{ lending: { repositories: [github/a/b], clusters: ${rules}, links: login } }` },
    ':5: projects.lending.links is login, and api.tokens has no token to log in with',
  ],
])('%s is refused with line and key, and not quoted', async (_, more, message) => {
  const { errors } = await readServerConfig(await write(more), env, forgeTypes);
  const [first] = errors;

  expect(`:${first?.place?.line}: ${first?.message}`).toContain(message);
  expect(first?.message).not.toContain('hunter2');
});
