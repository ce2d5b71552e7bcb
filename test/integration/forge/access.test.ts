import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Face } from '../../../sandbox/forge/protocol.ts';
import { type ForgeUnderTest, startForgeUnderTest } from './forge-under-test.ts';

let world: ForgeUnderTest;

beforeAll(async () => {
  world = await startForgeUnderTest();
});

afterAll(() => world.stop());

const plainUrl = (face: Face, repo: string): string => `${world.forge[face].url}/${repo}.git`;

describe.each<Face>(['github', 'gitlab'])('Git on %s', (face) => {
  test('reads a public repository without a token, in every version of the protocol', async () => {
    const repo = await world.repository(face);
    const head = await world.client.head(face, repo, 'main');

    for (const version of ['0', '1', '2']) {
      const refs = await world.git(
        '.',
        '-c',
        `protocol.version=${version}`,
        'ls-remote',
        plainUrl(face, repo),
        'main',
      );
      expect(refs).toBe(`${head}\trefs/heads/main`);
    }
  });

  test('hides a private repository from strangers and from wrong tokens', async () => {
    const repo = await world.repository(face, { private: true });

    await expect(world.git('.', 'ls-remote', plainUrl(face, repo))).rejects.toThrow(
      /could not read Username/,
    );
    await expect(world.git('.', 'ls-remote', world.cloneUrl(face, repo, 'wrong'))).rejects.toThrow(
      /Authentication failed/,
    );
    expect(await world.git('.', 'ls-remote', world.cloneUrl(face, repo))).toContain('refs/heads/main');
  });

  test('refuses a push without a token', async () => {
    const repo = await world.repository(face);
    const folder = repo.replaceAll('/', '-');
    await world.git('.', 'clone', '--quiet', plainUrl(face, repo), folder);
    await world.git(folder, 'commit', '--quiet', '--allow-empty', '-m', 'Nothing');

    await expect(world.git(folder, 'push', '--quiet', 'origin', 'main')).rejects.toThrow(
      /could not read Username/,
    );
  });

  test('gives one commit by its SHA, without its history and without its files', async () => {
    const repo = await world.repository(face);
    const { sha } = await world.client.commit(face, repo, 'main', { files: { a: '1' } });
    await world.client.commit(face, repo, 'main', { files: { a: '2' } });
    const folder = `by-sha-${sha}`;
    await world.git('.', 'init', '--quiet', '--bare', folder);

    await world.git(folder, 'fetch', '--quiet', '--depth=1', '--filter=blob:none', plainUrl(face, repo), sha);

    expect(await world.git(folder, 'rev-list', 'FETCH_HEAD')).toBe(sha);
    const objects = await world.git(folder, 'cat-file', '--batch-all-objects', '--batch-check=%(objecttype)');
    expect(objects.split('\n').sort()).toEqual(['commit', 'tree']);
  });

  test('takes a fetch whose request is compressed', async () => {
    const repo = await world.repository(face);
    const folder = repo.replaceAll('/', '-');
    await world.git('.', 'clone', '--quiet', world.cloneUrl(face, repo), folder);
    for (let index = 0; index < 30; index++) {
      await world.git(folder, 'commit', '--quiet', '--allow-empty', '-m', `Only here ${index}`);
    }
    const { sha } = await world.client.commit(face, repo, 'main', { files: { a: '1' } });

    await world.git(folder, '-c', 'protocol.version=0', 'fetch', '--quiet', 'origin');

    expect(await world.git(folder, 'rev-parse', 'origin/main')).toBe(sha);
  });
});

describe('the admin interface', () => {
  test('is closed without its token', async () => {
    const answer = await fetch(`${world.forge.adminUrl}/_admin/deliveries`);

    expect(answer.status).toBe(401);
  });
});
