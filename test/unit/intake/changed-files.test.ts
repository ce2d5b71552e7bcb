import { expect, test } from 'vitest';
import { changedFiles } from '../../../src/intake/changed-files.ts';
import { MemoryTree } from '../../support/memory-tree.ts';

const before = {
  'slipway.yaml': 'version: 1',
  'apps/a/web.yaml': 'a1',
  'apps/b/web.yaml': 'b1',
  'apps/b/deep/er/more.yaml': 'b2',
};

test.each<[string, Record<string, string | undefined>, string[] | undefined]>([
  ['nothing', {}, []],
  ['a file', { 'apps/a/web.yaml': 'a2' }, ['apps/a/web.yaml']],
  ['a file deep down', { 'apps/b/deep/er/more.yaml': 'b3' }, ['apps/b/deep/er/more.yaml']],
  ['a file at the root', { 'slipway.yaml': 'version: 2' }, ['slipway.yaml']],
  ['a new file', { 'apps/a/more.yaml': 'x' }, ['apps/a/more.yaml']],
  ['a file that went, beside another', { 'apps/b/web.yaml': undefined }, ['apps/b/web.yaml']],
  ['a file that became a link', { 'apps/a/web.yaml': 'link:../b/web.yaml' }, ['apps/a/web.yaml']],
  ['a new folder', { 'apps/c/web.yaml': 'c1' }, undefined],
  ['a folder that went', { 'apps/a/web.yaml': undefined }, undefined],
  ['a file that became a folder', { 'apps/a/web.yaml': undefined, 'apps/a/web.yaml/x.yaml': 'x' }, undefined],
])('%s', async (_title, change, changed) => {
  const after = Object.entries({ ...before, ...change }).flatMap(([path, text]) =>
    text === undefined ? [] : [[path, text] as const],
  );
  const found = await changedFiles(new MemoryTree(before), new MemoryTree(Object.fromEntries(after)));
  expect(found).toEqual(changed);
});

test('returns undefined for more than two thousand changed files', async () => {
  const files = (version: string, count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`docs/${index}.md`, version]));
  const changed = (count: number) =>
    changedFiles(new MemoryTree(files('1', count)), new MemoryTree(files('2', count)));
  expect(await changed(20)).toHaveLength(20);
  expect(await changed(2_001)).toBeUndefined();
});
