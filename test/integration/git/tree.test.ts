import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { originAndMirror } from '../../support/mirrors.ts';

const files = { 'deploy/web/a.yaml': 'a: 1\n', 'deploy/web/sub/b.yaml': 'b: 2\n', 'README.md': 'hi\n' };

async function treeOf(content: Record<string, string> = files) {
  const { origin, mirror } = await originAndMirror(content);
  const commit = await origin.head();
  await mirror.ensure(commit);
  return { origin, mirror, tree: mirror.tree(commit) };
}

describe('a tree', () => {
  it('lists folders in the order of Git and reads files', async () => {
    const { tree } = await treeOf();

    expect((await tree.list('.')).map(({ name, type }) => [name, type])).toEqual([
      ['README.md', 'blob'],
      ['deploy', 'tree'],
    ]);
    expect((await tree.list('deploy/web/')).map(({ name }) => name)).toEqual(['a.yaml', 'sub']);
    expect((await tree.read('./deploy/../deploy/web/a.yaml')).toString()).toBe('a: 1\n');
  });

  it('returns the ids of Git', async () => {
    const { origin, tree } = await treeOf();

    expect((await tree.entry('.'))?.id).toBe(await origin.git('rev-parse', 'HEAD^{tree}'));
    expect((await tree.entry('deploy/web'))?.id).toBe(await origin.git('rev-parse', 'HEAD:deploy/web'));
  });

  it.each(['missing', 'README.md/x', '../etc/passwd', 'deploy/../../x', '/README.md', '..'])(
    'has no entry for %s',
    async (path) => {
      const { tree } = await treeOf();

      expect(await tree.entry(path)).toBeUndefined();
      expect(await tree.list(path)).toEqual([]);
      await expect(tree.read(path)).rejects.toMatchObject({ code: 'PATH_MISSING' });
    },
  );

  it('reports a symbolic link and never follows it', async () => {
    const { origin, mirror } = await treeOf();
    const commit = await origin.commitLink('deploy/link.yaml', '/etc/passwd');
    await mirror.fetch(['main']);
    const tree = mirror.tree(commit);

    expect(await tree.entry('deploy/link.yaml')).toMatchObject({ type: 'symlink' });
    await expect(tree.read('deploy/link.yaml')).rejects.toThrow('is a symbolic link');
  });

  it('reports a submodule and never follows it', async () => {
    const { origin, mirror } = await treeOf();
    await origin.git('update-index', '--add', '--cacheinfo', `160000,${'a'.repeat(40)},vendor/lib`);
    await origin.git('commit', '--quiet', '-m', 'submodule');
    await mirror.fetch(['main']);
    const tree = mirror.tree(await origin.head());

    expect(await tree.entry('vendor/lib')).toMatchObject({ type: 'submodule' });
    expect(await tree.list('vendor/lib')).toEqual([]);
  });

  it('refuses a file above the limit and continues reading', async () => {
    const { tree } = await treeOf({ 'big.bin': 'x'.repeat(300_000), 'small.txt': 'ok' });

    const [big, small] = await Promise.allSettled([tree.read('big.bin', 1000), tree.read('small.txt', 1000)]);

    expect(big).toMatchObject({ status: 'rejected', reason: { code: 'RENDER_LIMIT' } });
    expect(small.status === 'fulfilled' && small.value.toString()).toBe('ok');
  });

  it('keeps names and bytes that are not ASCII', async () => {
    const { origin, mirror } = await treeOf();
    await writeFile(join(origin.dir, 'grüße 文.bin'), Buffer.from([0, 10, 13, 255, 0]));
    const commit = await origin.commit({});
    await mirror.fetch(['main']);

    expect(await mirror.tree(commit).read('grüße 文.bin')).toEqual(Buffer.from([0, 10, 13, 255, 0]));
  });

  it('of a commit that only the forge has fetches it', async () => {
    const { origin, mirror } = await originAndMirror({ 'a.txt': '1' });
    const tree = mirror.tree(await origin.head());

    expect((await tree.read('a.txt')).toString()).toBe('1');
  });
});
