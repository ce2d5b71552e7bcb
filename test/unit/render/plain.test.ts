import { describe, expect, it } from 'vitest';
import { walkPlain } from '../../../src/render/plain/walk.ts';
import { MemoryTree } from '../../support/memory-tree.ts';

const walk = (files: Record<string, string>, root = 'app', maxFiles = 100) =>
  walkPlain(new MemoryTree(files), root, maxFiles);

describe('the manifests of a folder', () => {
  it('are its YAML and JSON files, including those in nested folders', async () => {
    const { files } = await walk({
      'app/b.yml': '',
      'app/a.yaml': '',
      'app/sub/deep/c.json': '',
      'app/README.md': '',
      'app/.github/workflow.yaml': '',
      'app/.hidden.yaml': '',
      'other/d.yaml': '',
    });

    expect([...files.keys()]).toEqual(['app/a.yaml', 'app/b.yml', 'app/sub/deep/c.json']);
  });

  it('at the root exclude slipway.yaml', async () => {
    const { files } = await walk({ 'slipway.yaml': '', 'web.yaml': '', 'sub/slipway.yaml': '' }, '.');

    expect([...files.keys()]).toEqual(['sub/slipway.yaml', 'web.yaml']);
  });

  it.each(['app/a.yaml', 'app/base'])(
    'behind the link %s are an error, since they would be pruned',
    async (path) => {
      await expect(walk({ [path]: 'link:../x', 'app/b.yaml': '' })).rejects.toMatchObject({
        code: 'RENDER_FAILED',
        place: { file: path },
      });
    },
  );

  it('skip a symbolic link with a warning', async () => {
    const { files, warnings } = await walk({ 'app/NOTES.md': 'link:../x', 'app/b.yaml': '' });

    expect([...files.keys()]).toEqual(['app/b.yaml']);
    expect(warnings).toEqual(['app/NOTES.md is a symbolic link and was not read']);
  });

  it('may not exceed the limits', async () => {
    const files = { 'app/a.yaml': '', 'app/b.yaml': '', 'app/c.yaml': '' };

    await expect(walk(files, 'app', 2)).rejects.toMatchObject({ code: 'RENDER_LIMIT' });
  });
});
