import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { folderTree } from '../../../src/config/folder-tree.ts';

let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slipway-tree-'));
  await mkdir(join(folder, 'a', 'b'), { recursive: true });
  await mkdir(join(folder, '.git'));
  await writeFile(join(folder, 'a', 'b', 'c.yaml'), 'kind: ConfigMap');
  await writeFile(join(folder, 'a.txt'), '');
  await symlink('a', join(folder, 'link'));
});

afterEach(() => rm(folder, { recursive: true }));

test('lists a folder in the order of Git, without .git', async () => {
  const entries = await folderTree(folder).list('.');
  expect(entries.map(({ name, type }) => [name, type])).toEqual([
    ['a.txt', 'blob'],
    ['a', 'tree'],
    ['link', 'symlink'],
  ]);
});

test.each([
  ['.', 'tree'],
  ['a', 'tree'],
  ['a/b/', 'tree'],
  ['a/b/c.yaml', 'blob'],
  ['a/../a', 'tree'],
  ['link', 'symlink'],
  ['link/b', undefined],
  ['a.txt/b', undefined],
  ['nowhere', undefined],
  ['..', undefined],
  ['../a', undefined],
  ['/etc', undefined],
  ['.git', undefined],
])('the entry %s is %s', async (path, type) => {
  expect((await folderTree(folder).entry(path))?.type).toBe(type);
});

test('reads a file up to a size', async () => {
  const tree = folderTree(folder);
  expect(String(await tree.read('a/b/c.yaml'))).toBe('kind: ConfigMap');
  await expect(tree.read('a/b/c.yaml', 3)).rejects.toMatchObject({ code: 'RENDER_LIMIT' });
});

test.each(['link/b/c.yaml', 'a/b', 'nowhere', '/etc/passwd', '../a.txt'])(
  '%s is not a file of the folder',
  async (path) => {
    await expect(folderTree(folder).read(path)).rejects.toMatchObject({ code: 'PATH_MISSING' });
  },
);
