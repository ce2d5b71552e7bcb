import { describe, expect, it } from 'vitest';
import type { Tree, TreeEntry } from '../../../src/model/tree.ts';
import { Reaches } from '../../../src/render/reaches.ts';
import { MemoryTree } from '../../support/memory-tree.ts';
import { aTarget } from '../../support/targets.ts';

/** Counts the files that are read. */
class CountingTree implements Tree {
  readonly commit = 'x';
  reads = 0;
  private readonly tree: MemoryTree;

  constructor(files: Record<string, string>) {
    this.tree = new MemoryTree(files);
  }

  entry(path: string): Promise<TreeEntry | undefined> {
    return this.tree.entry(path);
  }

  list(path: string): Promise<TreeEntry[]> {
    return this.tree.list(path);
  }

  read(path: string): Promise<Buffer> {
    this.reads += 1;
    return this.tree.read(path);
  }
}

const files = {
  'deploy/web/kustomization.yaml': 'resources: [../base]\n',
  'deploy/base/kustomization.yaml': 'resources: [a.yaml]\n',
  'deploy/base/a.yaml': 'a: 1\n',
};

describe('what an app reaches', () => {
  it('is reused without reading files if nothing changed', async () => {
    const reaches = new Reaches(100);
    const first = await reaches.of(aTarget(), new CountingTree(files));
    const tree = new CountingTree({ ...files, 'other.txt': 'x' });

    expect(await reaches.of(aTarget(), tree)).toBe(first);
    expect(tree.reads).toBe(0);
  });

  it.each([
    ['a base changed', { ...files, 'deploy/base/a.yaml': 'a: 2\n' }],
    [
      'a file appeared that would be found first',
      { ...files, 'deploy/base/kustomization.yml': 'resources: []\n' },
    ],
    ['its renderer changed', { 'deploy/web/Chart.yaml': 'name: web\n' }],
  ])('is computed again when %s', async (_, changed) => {
    const reaches = new Reaches(100);
    const first = await reaches.of(aTarget(), new MemoryTree(files));

    expect(await reaches.of(aTarget(), new MemoryTree(changed))).not.toBe(first);
  });

  it('is not cached if it could not be computed', async () => {
    const reaches = new Reaches(100);
    const { 'deploy/base/a.yaml': _, ...broken } = files;
    await expect(reaches.of(aTarget(), new MemoryTree(broken))).rejects.toMatchObject({
      code: 'RENDER_FAILED',
    });

    expect((await reaches.of(aTarget(), new MemoryTree(files))).files.size).toBe(3);
  });

  it.each([
    [
      { 'deploy/web/kustomization.yml': 'resources: []\n', 'deploy/web/Chart.yaml': 'name: x\n' },
      undefined,
      'kustomize',
    ],
    [{ 'deploy/web/Chart.yaml': 'name: x\n' }, undefined, 'helm'],
    [{ 'deploy/web/a.yaml': '' }, undefined, 'plain'],
    [{ 'deploy/web/Chart.yaml': 'name: x\n' }, 'plain', 'plain'],
  ] as const)('of %j with renderer %s is that of %s', async (content, renderer, expected) => {
    const reach = await new Reaches(100).of(aTarget({ renderer }), new MemoryTree(content));

    expect(reach.renderer).toBe(expected);
  });
});
