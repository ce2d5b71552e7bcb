import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadServerConfig } from '../../../src/config/load-server.ts';
import { secretsOf } from '../../../src/config/secrets-of.ts';
import { forgeTypes } from '../../../src/forges/registry.ts';
import { describeFailure } from '../../../src/model/describe-failure.ts';

let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-config-'));
});

afterEach(() => rm(folder, { recursive: true }));

const env = { HOOK: 'the-secret-of-the-forge', OWN: 'the-secret-of-a-project', HOME: '/home/x' };

async function load(projects: string) {
  const file = join(folder, 'server.yaml');
  const text = `publicUrl: https://slipway.example.com
redis: { url: redis://127.0.0.1 }
forges:
  github: { type: github, webhookSecrets: [{ env: HOOK }] }
  gitlab: { type: gitlab, webhookSecrets: [{ env: HOOK }] }
clusters: { prod: { inCluster: true } }
projects:
${projects}`;
  await writeFile(file, text);
  return loadServerConfig(file, env, forgeTypes);
}

const shop = '  shop: { repositories: [github/acme/shop], webhookSecrets: [{ env: OWN }], clusters: {} }\n';

test('webhook secrets of a project go to its forges and to the logger', async () => {
  const config = await load(shop);
  expect(config.projects.shop?.webhookSecrets).toEqual([env.OWN]);
  expect(config.forges.github?.projectSecrets).toEqual([{ project: 'shop', secret: env.OWN }]);
  expect(config.forges.gitlab?.projectSecrets).toBeUndefined();
  expect(secretsOf(config)).toContain(env.OWN);
});

test.each([
  ['a forge', shop.replace('OWN', 'HOOK')],
  ['another project', `${shop}${shop.replaceAll('shop', 'loans')}`],
])(
  'a webhook secret that a project shares with %s is refused at its line, and not quoted',
  async (_, projects) => {
    const error = await load(projects).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'CONFIG_INVALID', place: { line: 8 } });
    const text = describeFailure((error as { failure: Parameters<typeof describeFailure>[0] }).failure);
    expect(text).toContain('projects.shop.webhookSecrets[0]: a forge or another project has the same secret');
    expect(text).not.toContain('the-secret');
  },
);

test('a webhook secret of a project that is not set is reported like any other', async () => {
  const error = await load(shop.replace('OWN', 'NOWHERE')).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    message: 'projects.shop.webhookSecrets[0]: environment variable NOWHERE is not set',
  });
});
