import { expect, test, vi } from 'vitest';
import type { Tree } from '../../../src/model/tree.ts';
import { FileMemo } from '../../../src/render/memo.ts';

function treeOf(files: Record<string, string>): Tree {
  return {
    commit: '0'.repeat(40),
    entry: async () => undefined,
    list: async () => [],
    read: async (path) => Buffer.from(files[path] ?? ''),
  };
}

test('parses a file once, wherever it occurs again', async () => {
  const parse = vi.fn((text: string) => ({ text }));
  const memo = new FileMemo(parse);
  const tree = treeOf({ 'base/a.yaml': 'kind: A', 'other/a.yaml': 'kind: A' });

  await memo.read(tree, 'base/a.yaml', 'id-of-a');

  expect(await memo.read(tree, 'other/a.yaml', 'id-of-a')).toEqual({ text: 'kind: A' });
  expect(parse).toHaveBeenCalledTimes(1);
});

test('evicts the least recently used large files', async () => {
  const parse = vi.fn((text: string) => ({ text }));
  const memo = new FileMemo(parse, 2_000);
  const tree = treeOf({ a: 'a'.repeat(800), b: 'b'.repeat(800), c: 'c'.repeat(800) });

  for (const path of ['a', 'b', 'c', 'c', 'a']) await memo.read(tree, path, path);

  expect(parse.mock.calls.map(([text]) => text[0])).toEqual(['a', 'b', 'c', 'a']);
});
