import { describe, expect, it } from 'vitest';
import { CommitFiles } from '../../../src/render/files/commit-files.ts';
import { stillSeen } from '../../../src/render/files/looks.ts';
import { MemoryTree } from '../../support/memory-tree.ts';

const limits = { files: 100, fileBytes: 1000, bytes: 10_000, looks: 1000 };

const filesOf = (content: Record<string, string>, changed = {}) =>
  new CommitFiles(new MemoryTree(content), { ...limits, ...changed });

const content = {
  'app/a.yaml': 'a',
  'app/link.yaml': 'link:../base/b.yaml',
  'app/more': 'link:../base',
  'app/via/x': 'x',
  'base/b.yaml': 'b',
  'base/chain.yaml': 'link:../app/link.yaml',
};

describe('the files of a commit, as a render sees them', () => {
  it.each([
    ['app/a.yaml', 'a'],
    ['app/link.yaml', 'b'],
    ['app/more/b.yaml', 'b'],
    ['app/more/chain.yaml', 'b'],
    ['app/nothing.yaml', undefined],
    ['app', undefined],
  ])('%s holds %s', async (path, expected) => {
    expect((await filesOf(content).read(path))?.toString()).toBe(expected);
  });

  it('are listed as what links lead to', async () => {
    expect(await filesOf(content).list('app')).toEqual([
      { name: 'a.yaml', type: 'file' },
      { name: 'link.yaml', type: 'file' },
      { name: 'more', type: 'folder' },
      { name: 'via', type: 'folder' },
    ]);
    expect(await filesOf(content).list('app/more')).toHaveLength(2);
    expect(await filesOf(content).list('nowhere')).toEqual([]);
  });

  it.each([
    ['that leaves the repository', 'link:../../etc/passwd', 'leaves the repository'],
    ['to an absolute path', 'link:/etc/passwd', 'leaves the repository'],
    ['to itself', 'link:x.yaml', 'circle'],
    ['to a folder that holds it', 'link:../app', 'circle'],
    ['to another that leads back', 'link:y.yaml', 'circle'],
    ['to nothing', 'link:gone.yaml', 'app/gone.yaml, which does not exist'],
  ])('a link %s is refused by its name', async (_, link, words) => {
    const files = filesOf({ 'app/x.yaml': link, 'app/y.yaml': 'link:x.yaml' });

    await expect(files.read('app/x.yaml')).rejects.toMatchObject({
      message: expect.stringContaining(words),
      failure: { code: 'RENDER_FAILED', file: expect.stringMatching(/^app\/[xy]\.yaml$/) },
    });
  });

  it('pointers of Git LFS are refused', async () => {
    const files = filesOf({
      'app/x.bin': 'version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 5\n',
    });

    await expect(files.read('app/x.bin')).rejects.toThrow('Git LFS');
  });

  it.each([
    ['bytes of one file', { fileBytes: 0 }],
    ['bytes of all files', { bytes: 1 }],
    ['files', { files: 1 }],
    ['looks', { looks: 1 }],
  ])('have a limit on %s', async (_, changed) => {
    const tree = new MemoryTree(content);
    const limited = tree.read.bind(tree);
    tree.read = async (path, max = Number.MAX_SAFE_INTEGER) => {
      const found = await limited(path);
      if (found.length <= max) return found;
      const { SlipwayError } = await import('../../../src/errors.ts');
      throw new SlipwayError('RENDER_LIMIT', 'too large');
    };
    const files = new CommitFiles(tree, { ...limits, ...changed });
    const readAll = async () => {
      await files.read('app/a.yaml');
      await files.read('base/b.yaml');
    };

    await expect(readAll()).rejects.toMatchObject({ failure: { code: 'RENDER_LIMIT' } });
  });

  it('have a limit on their depth', async () => {
    const deep = Array.from({ length: 100 }, () => 'd').join('/');

    await expect(filesOf(content).look(deep)).rejects.toMatchObject({ failure: { code: 'RENDER_LIMIT' } });
  });
});

describe('what a render looked at', () => {
  const look = async () => {
    const files = filesOf(content);
    await files.look('app');
    await files.look('app/Chart.yaml');
    await files.list('app/more');
    await files.read('app/link.yaml');
    return files.looks();
  };

  it.each([
    ['nothing of it', {}, true],
    ['a file beside it', { 'app/a.yaml': 'moved' }, true],
    ['a file in another folder', { 'other/a.yaml': 'x' }, true],
    ['what a link leads to', { 'base/b.yaml': 'moved' }, false],
    ['a link to a file of other bytes', { 'app/link.yaml': 'link:a.yaml' }, false],
    ['a file that was looked for in vain', { 'app/Chart.yaml': 'name: x' }, false],
    ['the names in a folder behind a link', { 'base/c.yaml': 'c' }, false],
  ])('is seen again or not when a push moves %s', async (_, changes, same) => {
    const looks = await look();

    expect(await stillSeen(new MemoryTree({ ...content, ...changes }), looks)).toBe(same);
  });

  it('lies in few folders, and not in the root for being looked for', async () => {
    const { folders } = await look();

    expect(folders.map(([path]) => path).sort()).toEqual(['app', 'base']);
  });
});
