import { expect, test } from 'vitest';
import { createConfigReader } from '../../../src/config/config-reader.ts';
import { newTargetNamed } from '../../../src/intake/new-target.ts';

const nothingRefused = { read: async () => undefined, write: async () => {} };
const one = 'github/acme/one';
const other = 'github/acme/other';

/** Repositories with the environments that their default branches have. */
function named(name: string, repositories: Record<string, string[]>) {
  const stateOf = (environments: string[]) => {
    const lines = environments.map((each) => `  ${each}: { branch: main, cluster: prod, namespace: a }`);
    return { heads: {}, config: ['version: 1', 'environments:', ...lines, 'apps: {}'].join('\n') };
  };
  const ports = {
    deliveries: { repositories: async () => Object.keys(repositories) },
    repositories: { read: async (id: string) => repositories[id] && stateOf(repositories[id]) },
    configs: createConfigReader({ refused: nothingRefused, version: '1' }),
  };
  return newTargetNamed(name, ports as unknown as Parameters<typeof newTargetNamed>[1]);
}

test('resolves a short name in the only repository with such an environment', async () => {
  const repositories = { [one]: ['production'], [other]: ['staging'] };
  expect(await named('web@production', repositories)).toBe(`${one}//web@production`);
});

test('lists the repositories if several have it, and how to choose', async () => {
  const repositories = { [one]: ['production'], [other]: ['production'] };
  await expect(named('web@production', repositories)).rejects.toMatchObject({
    code: 'AMBIGUOUS',
    message: `web@production was never deployed, and 2 repositories have an environment production: ${one}, ${other}`,
    hint: 'Name it in full: <repository>//web@production.',
  });
});

test.each(['web@nowhere', 'web', 'a@b@c'])('%s names no target', async (name) => {
  expect(await named(name, { [one]: ['production'] })).toBeUndefined();
});

test('returns a full identity unchanged', async () => {
  expect(await named(`${other}//web@production`, {})).toBe(`${other}//web@production`);
});
