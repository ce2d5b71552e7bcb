import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { type ForgeTypes, forgeFields } from '../../../src/config/forge-type.ts';
import { jsonSchemas } from '../../../src/config/json-schemas.ts';
import { readServerConfig } from '../../../src/config/load-server.ts';
import { fields, httpUrl } from '../../../src/config/values.ts';
import { createForges, forgeTypes } from '../../../src/forges/registry.ts';
import { githubConfig, gitlabConfig } from './support.ts';

const log = { warn: () => {} };

/** The registry with one more type, as a folder of its own would add it. */
const withForgejo: ForgeTypes = [
  ...forgeTypes,
  {
    type: 'forgejo',
    schema: fields({ type: z.literal('forgejo'), url: httpUrl, ...forgeFields }),
    apiUrlOf: (url) => `${url}/api/v1`,
  },
];

async function read(forge: string, types: ForgeTypes) {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-registry-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'server.yaml');
  const rest = 'publicUrl: http://x\nredis: { url: { env: URL } }\nclusters: { prod: { inCluster: true } }\n';
  await writeFile(file, `${rest}forges: { ours: ${forge} }\n`);
  return readServerConfig(file, { URL: 'redis://x', HOOK: 'hook-secret-of-the-test', TOKEN: 'token' }, types);
}

const forgejo =
  '{ type: forgejo, url: "https://git.example.com/", webhookSecrets: [{ env: HOOK }], token: { env: TOKEN } }';

test('a type that the registry has is read from server.yaml with its own API address', async () => {
  const { config, errors } = await read(forgejo, withForgejo);
  expect(errors).toEqual([]);
  expect(config?.forges.ours).toEqual({
    name: 'ours',
    type: 'forgejo',
    url: 'https://git.example.com',
    apiUrl: 'https://git.example.com/api/v1',
    webhookSecrets: ['hook-secret-of-the-test'],
    auth: { kind: 'token', token: 'token' },
    maxRequests: 64,
    ssh: undefined,
  });
});

test('a type that the registry does not have is an error that lists those it has', async () => {
  const { errors } = await read(forgejo, forgeTypes);
  expect(errors.map(({ message }) => message)).toEqual(['forges.ours.type must be "github" or "gitlab"']);
});

test("the JSON Schema of server.yaml has every type's own keys", () => {
  const schema = JSON.parse(jsonSchemas(withForgejo)['server.schema.json'] ?? '');
  const types = schema.properties.forges.additionalProperties.oneOf.map(
    (one: { properties: { type: { const: string } } }) => one.properties.type.const,
  );
  expect(types).toEqual(['github', 'gitlab', 'forgejo']);
});

test('each forge is created by its type, under its name in server.yaml', () => {
  const forges = createForges(
    { ours: { ...githubConfig, name: 'ours' }, gitlab: gitlabConfig },
    { log, addSecret: () => {} },
  );
  expect([...forges.keys()]).toEqual(['ours', 'gitlab']);
});

test('a type that nobody registered cannot be created', () => {
  const forge = { ...githubConfig, type: 'sourcehut' };
  expect(() => createForges({ github: forge }, { log, addSecret: () => {} })).toThrow(
    'unknown type "sourcehut"',
  );
});
