import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Face } from '../../../sandbox/forge/protocol.ts';
import { type ForgeUnderTest, startForgeUnderTest } from './forge-under-test.ts';

let fixture: ForgeUnderTest;

beforeAll(async () => {
  fixture = await startForgeUnderTest();
});

afterAll(() => fixture.stop());

const plainUrl = (face: Face, repo: string): string => `${fixture.forge[face].url}/${repo}.git`;

describe.each<Face>(['github', 'gitlab'])('Git on %s', (face) => {
  test('reads a public repository without a token, in every version of the protocol', async () => {
    const repo = await fixture.repository(face);
    const head = await fixture.client.head(face, repo, 'main');

    for (const version of ['0', '1', '2']) {
      const refs = await fixture.git(
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
    const repo = await fixture.repository(face, { private: true });

    await expect(fixture.git('.', 'ls-remote', plainUrl(face, repo))).rejects.toThrow(
      /could not read Username/,
    );
    await expect(fixture.git('.', 'ls-remote', fixture.cloneUrl(face, repo, 'wrong'))).rejects.toThrow(
      /Authentication failed/,
    );
    expect(await fixture.git('.', 'ls-remote', fixture.cloneUrl(face, repo))).toContain('refs/heads/main');
  });

  test('refuses a push without a token', async () => {
    const repo = await fixture.repository(face);
    const folder = repo.replaceAll('/', '-');
    await fixture.git('.', 'clone', '--quiet', plainUrl(face, repo), folder);
    await fixture.git(folder, 'commit', '--quiet', '--allow-empty', '-m', 'Nothing');

    await expect(fixture.git(folder, 'push', '--quiet', 'origin', 'main')).rejects.toThrow(
      /could not read Username/,
    );
  });

  test('serves one commit by its SHA, without its history and files', async () => {
    const repo = await fixture.repository(face);
    const { sha } = await fixture.client.commit(face, repo, 'main', { files: { a: '1' } });
    await fixture.client.commit(face, repo, 'main', { files: { a: '2' } });
    const folder = `by-sha-${sha}`;
    await fixture.git('.', 'init', '--quiet', '--bare', folder);

    await fixture.git(
      folder,
      'fetch',
      '--quiet',
      '--depth=1',
      '--filter=blob:none',
      plainUrl(face, repo),
      sha,
    );

    expect(await fixture.git(folder, 'rev-list', 'FETCH_HEAD')).toBe(sha);
    const objects = await fixture.git(
      folder,
      'cat-file',
      '--batch-all-objects',
      '--batch-check=%(objecttype)',
    );
    expect(objects.split('\n').sort()).toEqual(['commit', 'tree']);
  });

  test('accepts a fetch with a compressed request', async () => {
    const repo = await fixture.repository(face);
    const folder = repo.replaceAll('/', '-');
    await fixture.git('.', 'clone', '--quiet', fixture.cloneUrl(face, repo), folder);
    for (let index = 0; index < 30; index++) {
      await fixture.git(folder, 'commit', '--quiet', '--allow-empty', '-m', `Only here ${index}`);
    }
    const { sha } = await fixture.client.commit(face, repo, 'main', { files: { a: '1' } });

    await fixture.git(folder, '-c', 'protocol.version=0', 'fetch', '--quiet', 'origin');

    expect(await fixture.git(folder, 'rev-parse', 'origin/main')).toBe(sha);
  });
});

describe('the admin interface', () => {
  test('is closed without its token', async () => {
    const response = await fetch(`${fixture.forge.adminUrl}/_admin/deliveries`);

    expect(response.status).toBe(401);
  });
});
