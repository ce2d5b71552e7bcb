import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Reaches } from '../../../src/render/reaches.ts';
import { MemoryTree } from '../../support/memory-tree.ts';
import { temporaryFolder } from '../../support/mirrors.ts';
import { aRenderer, clusterVersion, configMap } from '../../support/render.ts';
import { aTarget } from '../../support/targets.ts';

const cluster = async () => clusterVersion;
const reach = { looks: [], folders: [], asksCluster: false };

it('a content that comes back is known again, also in another process', async () => {
  const { renderer, dir } = await aRenderer();
  const signal = new AbortController().signal;
  const contents = ['one', 'two', 'one'].map(
    (data) => new MemoryTree({ 'deploy/web/a.yaml': configMap('a', data) }),
  );
  const cached: boolean[] = [];
  for (const tree of contents) cached.push((await renderer.render(aTarget(), tree, cluster, signal)).cached);
  expect(cached).toEqual([false, false, true]);

  const other = new Reaches(join(dir, 'reaches'), 'x');
  const [version = ''] = await readdir(join(dir, 'reaches'));
  expect(await readdir(join(dir, 'reaches', version))).toHaveLength(1);
  expect(await other.find(aTarget(), new MemoryTree({}))).toBeUndefined();
});

it('an app that failed is not rendered again for the same content', async () => {
  const { renderer } = await aRenderer();
  const tree = new MemoryTree({ 'deploy/web/kustomization.yaml': 'resources: [missing.yaml]\n' });
  const reads: string[] = [];
  const read = tree.read.bind(tree);
  tree.read = async (path) => {
    reads.push(path);
    return read(path);
  };

  const first = await renderer.contentKey(aTarget(), tree, cluster).catch((error: Error) => error.message);
  const before = reads.length;
  const second = await renderer.contentKey(aTarget(), tree, cluster).catch((error: Error) => error.message);

  expect(second).toBe(first);
  expect(reads.length).toBe(before);
});

it('what was not written for a month is removed, with the folders of versions that are gone', async () => {
  const dir = await temporaryFolder();
  await mkdir(join(dir, 'old-version'));
  const old = join(dir, 'old-version', 'target');
  await writeFile(old, '[]');
  const then = new Date(Date.now() - 40 * 24 * 60 * 60_000);
  await utimes(old, then, then);
  const reaches = new Reaches(dir, 'new');
  await reaches.keep(aTarget(), reach);

  await reaches.sweep();

  const left = await readdir(dir);
  expect(left).toHaveLength(1);
  expect(left).not.toContain('old-version');
  expect(await new Reaches(dir, 'new').find(aTarget(), new MemoryTree({}))).toEqual(reach);
});
