import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadServerConfig, readServerConfig } from '../../../src/config/load-server.ts';
import { secretsOf } from '../../../src/config/secrets-of.ts';
import { SlipwayError } from '../../../src/errors.ts';
import { forgeTypes } from '../../../src/forges/registry.ts';
import { describeFailure } from '../../../src/model/describe-failure.ts';

let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-config-'));
  await writeFile(join(folder, 'key.pem'), '-----BEGIN KEY-----\nabc\n-----END KEY-----\n');
  await writeFile(join(folder, 'kubeconfig.yaml'), 'apiVersion: v1\n');
  await writeFile(join(folder, 'empty'), '\n');
});

afterEach(() => rm(folder, { recursive: true }));

const env = {
  REDIS_URL: 'redis://:redis-pw%21@redis:6379',
  HOOK: ' the-hook-secret-of-the-forge\n',
  TOKEN: 'forge-token',
  API: 'api-token-of-ci-and-of-ada',
  EMPTY: '',
  HOME: '/home/x',
};

const example = `publicUrl: https://slipway.example.com/
redis: { url: { env: REDIS_URL } }
forges:
  github: { type: github, webhookSecrets: [{ env: HOOK }], app: { id: 1234, privateKey: { file: key.pem } } }
  gitlab: { type: gitlab, url: https://gitlab.example.com/, webhookSecrets: [{ env: HOOK }], token: { env: TOKEN } }
  ghe: { type: github, url: https://ghe.example.com, webhookSecrets: [{ env: HOOK }], ssh: { key: { file: id }, knownHosts: { file: /etc/hosts } } }
clusters:
  prod: { kubeconfig: { file: kubeconfig.yaml }, context: prod }
  staging: { inCluster: true, stateNamespace: deployer }
  dev: { kubeconfig: { env: TOKEN } }
projects:
  lending:
    repositories: ["github/acme/loan-*", "github/acme/infra"]
    clusters:
      prod: { branches: [main], namespaces: ["loans", "loan-*"], impersonate: "system:serviceaccount:loans:deployer" }
      staging: { branches: [staging, "release/*"], namespaces: ["loans*"], createNamespaces: true }
    mask: [{ kind: Deployment, name: "loan-*", path: "spec.template.spec.containers[*].args" }]
api: { tokens: [{ name: ci, role: deployer, projects: [lending], secret: { env: API } }] }
`;

async function write(text: string): Promise<string> {
  const file = join(folder, 'server.yaml');
  await writeFile(file, text);
  return file;
}

test('reads the example of the documentation with secrets and defaults', async () => {
  const config = await loadServerConfig(await write(example), env, forgeTypes);
  expect(config).toMatchObject({
    publicUrl: 'https://slipway.example.com',
    listen: { host: '0.0.0.0', port: 8080 },
    metrics: { host: '0.0.0.0', port: 9090 },
    redis: { kind: 'url', url: env.REDIS_URL, prefix: '{slipway}' },
    poll: { intervalMs: 180_000 },
    api: {
      tokens: [{ name: 'ci', role: 'deployer', projects: ['lending'], secret: 'api-token-of-ci-and-of-ada' }],
    },
    deliveries: { maxAgeMs: 7 * 86_400_000, maxCount: 10_000 },
    render: {
      timeoutMs: 20_000,
      memoryBytes: 512 * 1024 ** 2,
      outputBytes: 32 * 1024 ** 2,
      maxFiles: 10_000,
    },
    programs: { git: 'git', engine: 'slipway-engine' },
    dataDir: '/home/x/.cache/slipway-data',
    disk: { budgetBytes: 8 * 1024 ** 3 },
  });
  expect(config.forges.github).toMatchObject({
    url: 'https://github.com',
    apiUrl: 'https://api.github.com',
    webhookSecrets: ['the-hook-secret-of-the-forge'],
    auth: { kind: 'app', appId: '1234', privateKey: '-----BEGIN KEY-----\nabc\n-----END KEY-----' },
    maxRequests: 64,
  });
  expect(config.forges.gitlab).toMatchObject({
    url: 'https://gitlab.example.com',
    apiUrl: 'https://gitlab.example.com/api/v4',
    auth: { kind: 'token', token: 'forge-token' },
    maxRequests: 64,
  });
  expect(config.forges.ghe).toMatchObject({
    apiUrl: 'https://ghe.example.com/api/v3',
    auth: { kind: 'none' },
    maxRequests: 64,
    ssh: { keyFile: join(folder, 'id'), knownHostsFile: '/etc/hosts' },
  });
  expect(config.clusters).toMatchObject({
    prod: {
      kubeconfig: { file: join(folder, 'kubeconfig.yaml') },
      context: 'prod',
      stateNamespace: 'slipway',
      maxRequests: 16,
    },
    staging: { inCluster: true, stateNamespace: 'deployer' },
    dev: { kubeconfig: { content: 'forge-token' } },
  });
  expect(config.projects.lending).toMatchObject({
    clusters: { prod: { createNamespaces: false }, staging: { createNamespaces: true } },
    clusterScoped: [],
    mask: [{ kind: 'Deployment', name: 'loan-*', path: 'spec.template.spec.containers[*].args' }],
  });
  expect(config.projects.constructor).toBeUndefined();
});

test('gives every secret to the logger', async () => {
  const config = await loadServerConfig(await write(example), env, forgeTypes);
  const known = secretsOf(config);
  expect(known).toEqual(
    expect.arrayContaining([env.HOOK.trim(), 'forge-token', env.API, 'redis-pw!', 'redis-pw%21']),
  );
  expect(known.some((value) => value.includes('BEGIN KEY'))).toBe(true);
});

test.each([
  [
    'sentinels',
    '{ sentinels: [{ host: a }, { host: b, port: 1 }], name: main, sentinelPassword: { env: TOKEN }, tls: true }',
    {
      kind: 'sentinel',
      name: 'main',
      sentinels: [
        { host: 'a', port: 6379 },
        { host: 'b', port: 1 },
      ],
      sentinelPassword: 'forge-token',
      tls: {},
    },
  ],
  [
    'a cluster',
    '{ cluster: [{ host: a }], username: u, password: { env: TOKEN }, tls: { ca: { file: key.pem } } }',
    {
      kind: 'cluster',
      nodes: [{ host: 'a', port: 6379 }],
      username: 'u',
      password: 'forge-token',
      tls: { ca: expect.stringContaining('KEY') },
    },
  ],
  [
    'an address without password',
    '{ url: "redis://127.0.0.1:7000/3", prefix: "{test-1}" }',
    { kind: 'url', url: 'redis://127.0.0.1:7000/3', prefix: '{test-1}' },
  ],
])('redis may be %s', async (_, redis, expected) => {
  const config = await loadServerConfig(await write(minimal({ redis })), env, forgeTypes);
  expect(config.redis).toMatchObject(expected);
});

const parts = {
  publicUrl: 'https://slipway.example.com',
  redis: '{ url: { env: REDIS_URL } }',
  forges: '{ github: { type: github, webhookSecrets: [{ env: HOOK }] } }',
  clusters: '{ prod: { inCluster: true } }',
};

function minimal(more: Record<string, string>): string {
  return Object.entries({ ...parts, ...more })
    .map(([key, value]) => `${key}: ${value}`)
    .join('\n');
}

const rules = '{ prod: { branches: [main], namespaces: [a] } }';
const project = (body: string) => `{ a: { ${body} } }`;
const token = (secret: string) =>
  `{ tokens: [{ name: ci, role: viewer, projects: ["*"], secret: ${secret} }] }`;
const clusterRule = (body: string) => project(`repositories: [github/a/b], clusters: { prod: { ${body} } }`);

test.each<[string, Record<string, string>, string]>([
  ['a misspelt key', { proyects: '{}' }, ':5: unknown key "proyects"; did you mean "projects"?'],
  ['no address', { publicUrl: '' }, ':1: publicUrl must be a text'],
  [
    'an address with password',
    { publicUrl: 'https://a:b@c' },
    ':1: publicUrl must be an http(s) address without user name',
  ],
  ['an address of another kind', { publicUrl: 'ftp://a' }, ':1: publicUrl must be an http(s) address'],
  ['no redis', { redis: '{}' }, ':2: redis needs exactly one of url, sentinels, cluster'],
  ['two redis', { redis: '{ url: redis://a, cluster: [{ host: a }] }' }, ':2: redis needs exactly one of'],
  [
    'sentinels without name',
    { redis: '{ sentinels: [{ host: a }] }' },
    ':2: redis sentinels and name go together',
  ],
  [
    'a redis password in the file',
    { redis: '{ url: "redis://:hunter2@a" }' },
    ':2: redis.url must be { env: NAME }',
  ],
  [
    'a prefix without braces',
    { redis: '{ url: redis://a, prefix: slipway }' },
    ':2: redis.prefix must be a name in braces',
  ],
  [
    'a forge without webhook secret',
    { forges: '{ github: { type: github } }' },
    ':3: forges.github.webhookSecrets is missing: anybody could send webhooks to a forge without a secret',
  ],
  [
    'a forge with no webhook secrets',
    { forges: '{ github: { type: github, webhookSecrets: [] } }' },
    ':3: forges.github.webhookSecrets is empty',
  ],
  [
    'a webhook secret in the file',
    { forges: '{ github: { type: github, webhookSecrets: [hunter2] } }' },
    ':3: forges.github.webhookSecrets[0] is a secret and must not be in the file: write { env: NAME } or { file: PATH }',
  ],
  [
    'a token in the file',
    { forges: '{ github: { type: github, webhookSecrets: [{ env: HOOK }], token: hunter2 } }' },
    ':3: forges.github.token is a secret and must not be in the file',
  ],
  [
    'an unknown forge type',
    { forges: '{ gitea: { type: gitea } }' },
    ':3: forges.gitea.type must be "github" or "gitlab"',
  ],
  [
    'a forge with app and token',
    {
      forges:
        '{ github: { type: github, webhookSecrets: [{ env: HOOK }], token: { env: TOKEN }, app: { id: 1, privateKey: { env: TOKEN } } } }',
    },
    ':3: forges.github has app and token',
  ],
  [
    'an app on GitLab',
    { forges: '{ gitlab: { type: gitlab, webhookSecrets: [{ env: HOOK }], app: { id: 1 } } }' },
    ':3: forges.gitlab: unknown key "app"',
  ],
  [
    'a forge with a slash in its name',
    { forges: '{ a/b: { type: github, webhookSecrets: [{ env: HOOK }] } }' },
    ':3: forges.a/b is not a valid name',
  ],
  [
    'a cluster without access',
    { clusters: '{ prod: {} }' },
    ':4: clusters.prod needs either kubeconfig or inCluster: true',
  ],
  [
    'a cluster with both',
    { clusters: '{ prod: { inCluster: true, kubeconfig: { env: TOKEN } } }' },
    ':4: clusters.prod needs either',
  ],
  [
    'a context in the cluster',
    { clusters: '{ prod: { inCluster: true, context: x } }' },
    ':4: clusters.prod inCluster has no context',
  ],
  ['a port out of range', { listen: '{ port: 70000 }' }, ':5: listen.port'],
  ['a duration without unit', { poll: '{ interval: 180 }' }, ':5: poll.interval must be a duration such as'],
  ['a size without unit', { render: '{ memory: 512 }' }, ':5: render.memory must be a size such as'],
  [
    'a rule for an unknown cluster',
    {
      projects: project(
        'repositories: [github/a/b], clusters: { prd: { branches: [main], namespaces: [a] } }',
      ),
    },
    ':5: unknown cluster "prd"; did you mean "prod"?',
  ],
  [
    'a repository of an unknown forge',
    { projects: project(`repositories: [githb/a/b], clusters: ${rules}`) },
    ':5: unknown forge "githb"; did you mean "github"?',
  ],
  [
    'a repository without owner',
    { projects: project(`repositories: [github/a], clusters: ${rules}`) },
    ':5: projects.a.repositories[0] must be <forge>/<owner>/<name>',
  ],
  [
    'a pattern for the forge',
    { projects: project(`repositories: ["*/a/b"], clusters: ${rules}`) },
    ':5: projects.a.repositories[0] must be <forge>/',
  ],
  [
    'a pattern that says no',
    { projects: project(`repositories: ["!github/a/b"], clusters: ${rules}`) },
    ':5: projects.a.repositories[0] must be <forge>/',
  ],
  [
    'a pattern with braces',
    { projects: project(`repositories: ["github/a/{b,c}"], clusters: ${rules}`) },
    ':5: projects.a.repositories[0]',
  ],
  [
    'a branch pattern with brackets',
    { projects: clusterRule('branches: ["[a-z]"], namespaces: [a]') },
    ':5: projects.a.clusters.prod.branches[0]',
  ],
  [
    'a namespace pattern with a slash',
    { projects: clusterRule('branches: [main], namespaces: ["a/*"]') },
    ':5: projects.a.clusters.prod.namespaces[0] must be the name of a namespace',
  ],
  [
    'a field to mask that cannot be read',
    {
      projects: project(
        `repositories: [github/a/b], clusters: ${rules}, mask: [{ kind: A, path: spec..hunter2 }]`,
      ),
    },
    ':5: projects.a.mask[0].path is not the path of a field',
  ],
  [
    'a name that is to be masked',
    {
      projects: project(
        `repositories: [github/a/b], clusters: ${rules}, mask: [{ kind: A, path: metadata.name }]`,
      ),
    },
    ':5: projects.a.mask[0].path is part of the identity of the object',
  ],
  [
    'no branches',
    { projects: clusterRule('namespaces: [a]') },
    ':5: projects.a.clusters.prod.branches is missing',
  ],
  [
    'a kind in small letters',
    { projects: project(`repositories: [github/a/b], clusters: ${rules}, clusterScoped: [namespaces]`) },
    ':5: projects.a.clusterScoped[0] must be Kind',
  ],
  [
    'a repository in two projects',
    {
      projects: `{ a: { repositories: [github/a/b], clusters: ${rules} }, b: { repositories: ["github/a/*"], clusters: ${rules} } }`,
    },
    ':5: repository github/a/b matches two projects, "a" and "b"',
  ],
  [
    'a variable that is not set',
    { api: token('{ env: NOWHERE }') },
    ':5: api.tokens[0].secret: environment variable NOWHERE is not set',
  ],
  [
    'a variable that is empty',
    { api: token('{ env: EMPTY }') },
    ':5: api.tokens[0].secret: environment variable EMPTY is empty',
  ],
  ['a file that is not there', { api: token('{ file: nowhere }') }, 'nowhere cannot be read (ENOENT)'],
  ['a file that is empty', { api: token('{ file: empty }') }, 'empty is empty'],
  ['a broken line with a secret in it', { api: '{ tokens: hunter2 ] }' }, ':5: '],
  ['an alias that is a secret', { api: '{ tokens: *hunter2 }' }, ':5: '],
])('%s is refused with line and key, and no secret is repeated', async (_, more, message) => {
  const file = await write(minimal(more));
  const text = await loadServerConfig(file, env, forgeTypes).then(
    () => 'nothing was refused',
    (error: unknown) => {
      expect(error).toBeInstanceOf(SlipwayError);
      expect(error).toMatchObject({ code: 'CONFIG_INVALID' });
      return error instanceof SlipwayError ? `${describeFailure(error.failure)} ${error.hint}` : '';
    },
  );
  expect(text).toContain(message);
  expect(text).toContain(file);
  expect(text).not.toContain('hunter2');
});

test('reports every mistake at once, and every missing secret', async () => {
  const wrong = await readServerConfig(
    await write('redis: {}\nforges: { a: {} }\nclusters: { b: {} }\n'),
    env,
    forgeTypes,
  );
  expect(wrong.errors.map((error) => error.place?.line)).toEqual([1, 1, 2, 3]);
  const absent = await readServerConfig(await write(example), {}, forgeTypes);
  expect(absent.errors).toEqual([]);
  expect(absent.missing.length).toBe(7);
  expect(absent.config).toBeDefined();
});

test('names a missing file', async () => {
  const file = join(folder, 'other.yaml');
  await expect(loadServerConfig(file, env, forgeTypes)).rejects.toThrow(`${file} cannot be read (ENOENT)`);
});

test('resolves the data folder relative to the file', async () => {
  const config = await loadServerConfig(await write(minimal({ dataDir: 'data' })), env, forgeTypes);
  expect(config.dataDir).toBe(join(folder, 'data'));
});
