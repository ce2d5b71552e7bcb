import { expect, test } from 'vitest';
import type { ForgeConfig } from '../../../src/config/server-config.ts';
import { forgeOf, githubConfig, gitlabConfig } from './support.ts';

const auth: ForgeConfig['auth'] = { kind: 'token', token: 'tok' };

test.each<[string, ForgeConfig, string, string]>([
  ['GitHub', { ...githubConfig, auth }, 'github/acme/loans', 'x-access-token:tok'],
  ['GitLab', { ...gitlabConfig, auth }, 'gitlab/acme/team/loans', 'oauth2:tok'],
])(
  'sends a token of %s in a header, never in the address',
  async (_name, config, repository, credentials) => {
    const access = await forgeOf(config).gitAccess(repository);

    expect(access).toEqual({
      url: `${config.url}/${repository.slice(config.name.length + 1)}.git`,
      kind: 'header',
      header: `Authorization: Basic ${Buffer.from(credentials).toString('base64')}`,
    });
  },
);

test('reads anonymously from a forge without credentials', async () => {
  const access = await forgeOf(githubConfig).gitAccess('github/acme/loans');

  expect(access).toEqual({ url: 'https://github.com/acme/loans.git', kind: 'none' });
});

test('prefers an SSH key to a token', async () => {
  const ssh = { keyFile: '/keys/id', knownHostsFile: '/keys/known_hosts' };

  const access = await forgeOf({ ...gitlabConfig, url: 'https://git.example.com:8443', auth, ssh }).gitAccess(
    'gitlab/acme/team/loans',
  );

  expect(access).toEqual({ url: 'ssh://git@git.example.com/acme/team/loans.git', kind: 'ssh', ...ssh });
});

test('reports an invalid private key without quoting it', () => {
  const config: ForgeConfig = { ...githubConfig, auth: { kind: 'app', appId: '1', privateKey: 'not a key' } };

  expect(() => forgeOf(config)).toThrow(
    expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.not.stringContaining('not a key') }),
  );
});
