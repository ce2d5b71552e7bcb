import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { validate } from '../../../src/cli/validate.ts';
import { describeFailure } from '../../../src/model/describe-failure.ts';

let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-validate-'));
});

afterEach(() => rm(folder, { recursive: true }));

async function write(files: Record<string, string>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
}

const slipway = `version: 1
environments:
  production: { branch: main, cluster: prod, namespace: "loans" }
  staging: { branch: staging, cluster: prod, namespace: "loans" }
apps:
  web: { path: "web/{environment}", dependsOn: [db] }
  db: { path: db, namespace: data, environments: [production] }
`;

const server = `publicUrl: https://slipway.example.com
redis: { url: { env: REDIS_URL } }
forges: { github: { type: github, webhookSecrets: [{ env: HOOK }] } }
clusters: { prod: { inCluster: true } }
projects:
  lending:
    repositories: [github/acme/loans]
    clusters: { prod: { branches: [main], namespaces: [loans], impersonate: deployer } }
`;

async function run(options: { server?: boolean; repository?: string } = {}) {
  const { server: withServer, ...rest } = options;
  const named = withServer ? { ...rest, server: join(folder, 'server.yaml') } : rest;
  const { lines, errors } = await validate(folder, named, { REDIS_URL: 'redis://a' });
  const relative = (text: string) => text.replaceAll(`${folder}/`, '');
  return {
    text: relative(lines.join('\n')),
    errors: errors.map((error) => relative(describeFailure(error.failure))),
  };
}

test('slipway.yaml alone is explained without the rules of a server.yaml', async () => {
  await write({ 'slipway.yaml': slipway, 'web/production/a.yaml': '', 'db/a.yaml': '' });
  const { text, errors } = await run();
  expect(text).toBe(`slipway.yaml
  production: branch main → cluster prod
    web: web/production → namespace loans, after db
    db: db → namespace data
  staging: branch staging → cluster prod
    web: fails while folder web/staging is missing; nothing is pruned
  not rendered: slipway-engine is not on the PATH`);
  expect(errors).toEqual([]);
});

test('with server.yaml every target is admitted or refused, with its line', async () => {
  await write({
    'slipway.yaml': slipway,
    'server.yaml': server,
    'web/production/a.yaml': '',
    'web/staging/a.yaml': '',
    'db/a.yaml': '',
  });
  const { text, errors } = await run({ server: true, repository: 'github/acme/loans' });
  expect(text).toContain('slipway.yaml of github/acme/loans');
  expect(text).toContain('web: web/production → namespace loans, after db, as deployer');
  expect(text).toContain('db: db → namespace data: refused');
  expect(errors).toEqual([
    'slipway.yaml:7: db@production: project "lending" may not write to namespace data of cluster prod',
    'slipway.yaml:6: web@staging: branch staging may not be deployed to cluster prod',
  ]);
});

test('every reason why a target is refused is an error', async () => {
  await write({
    'slipway.yaml': slipway,
    'server.yaml': server.replace(/namespaces: \[[^\]]*\]/, 'namespaces: [elsewhere]'),
    'web/production/a.yaml': '',
    'web/staging/a.yaml': '',
    'db/a.yaml': '',
  });
  const { errors } = await run({ server: true, repository: 'github/acme/loans' });
  const staging = errors.filter((error) => error.includes('web@staging'));
  expect(staging).toEqual([
    expect.stringContaining('branch staging may not be deployed to cluster prod'),
    expect.stringContaining('may not write to namespace loans of cluster prod'),
  ]);
});

test('a dependency on a repository outside the project is an error at its line', async () => {
  const repositories = (line: string) => server.replace('[github/acme/loans]', line);
  await write({
    'slipway.yaml': slipway
      .replace('[db]', '["github/acme/infra//postgres"]')
      .replace(', namespace: data', ''),
    'server.yaml': repositories('[github/acme/loans, github/acme/queues]'),
    'web/production/a.yaml': '',
    'db/a.yaml': '',
  });
  const outside = await run({ server: true, repository: 'github/acme/loans' });
  expect(outside.text).toContain('namespace loans, after github/acme/infra//postgres');
  expect(outside.errors).toEqual([
    'slipway.yaml:6: apps.web.dependsOn: github/acme/infra is not a repository of project "lending"',
  ]);
  await write({ 'server.yaml': repositories('[github/acme/loans, github/acme/infra]') });
  expect((await run({ server: true, repository: 'github/acme/loans' })).errors).toEqual([]);
});

test('a secret that is not on this machine is a note, not an error', async () => {
  await write({ 'server.yaml': server });
  const { text, errors } = await run({ server: true });
  expect(errors).toEqual([]);
  expect(text).toContain('project lending: github/acme/loans');
  expect(text).toContain(
    'not here: server.yaml:3: forges.github.webhookSecrets[0]: environment variable HOOK is not set',
  );
  expect(text).toContain('no api.tokens: the API is off');
});

test('every error of both files is reported', async () => {
  await write({ 'slipway.yaml': 'version: 1\napp: {}\nenvironment: {}\n', 'server.yaml': 'redis: {}\n' });
  const { errors } = await run({ server: true });
  expect(errors.map((error) => error.split(': ')[0])).toEqual([
    'server.yaml:1',
    'server.yaml:1',
    'server.yaml:1',
    'server.yaml:1',
    'slipway.yaml:2',
    'slipway.yaml:3',
  ]);
});

test('a folder without slipway.yaml is an error', async () => {
  const { errors } = await run();
  expect(errors).toEqual(['slipway.yaml cannot be read']);
});

test.each([
  ['https://github.com/acme/loans.git', 'github/acme/loans'],
  ['https://github.com/acme/loans', 'github/acme/loans'],
  ['git@github.com:acme/loans.git', 'github/acme/loans'],
  ['ssh://git@github.com/acme/loans.git', 'github/acme/loans'],
  ['https://example.com/acme/loans.git', undefined],
])('a checkout of %s is %s', async (url, repository) => {
  const origin = `[core]\n\tbare = false\n[remote "origin"]\n\turl = ${url}\n\tfetch = x\n[branch "main"]\n`;
  await write({ 'slipway.yaml': slipway, 'server.yaml': server, '.git/config': origin });
  const { text } = await run({ server: true });
  expect(text).toContain(repository ? `slipway.yaml of ${repository}` : 'rules not asked');
});

test('a mistake in one environment is an error, and the other environments are explained', async () => {
  await write({ 'slipway.yaml': slipway.replace('staging, cluster: prod', 'staging, clutser: prod') });
  await write({ 'web/production/a.yaml': '', 'db/a.yaml': '' });

  const { text, errors } = await run();

  expect(text).toContain('production: branch main → cluster prod');
  expect(text).toContain('staging: held: its definition has a mistake');
  expect(errors).toContainEqual(expect.stringMatching(/^slipway\.yaml:4: .*did you mean "cluster"/));
});
