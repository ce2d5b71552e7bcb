import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bytesOf } from '../../../src/git/folder-bytes.ts';
import { originAndMirror, temporaryFolder } from '../../support/mirrors.ts';

const MiB = 1024 * 1024;
const large = () => randomBytes(2 * MiB).toString('base64');

/** A repository that is small at first, and a mirror that may occupy one mebibyte. */
async function smallRepository() {
  const root = await temporaryFolder();
  const dir = join(root, 'mirrors');
  const disk = { root, budgetBytes: 1_000 * MiB, perRepositoryBytes: MiB };
  const { origin, mirror } = await originAndMirror({ 'a.yaml': 'a: 1\n' }, { dir, disk });
  const occupied = async () => {
    const [folder = ''] = (await readdir(dir)).filter((name) => name.endsWith('.git'));
    return bytesOf(join(dir, folder));
  };
  return { origin, mirror, occupied };
}

describe('a repository that needs more than its share of the disk', () => {
  it('is an error that says what to do, and leaves nothing on the disk', async () => {
    const { origin, mirror, occupied } = await smallRepository();
    await origin.commit({ 'large.bin': large() });

    await expect(mirror.fetch(['main'])).rejects.toMatchObject({
      code: 'GIT_TOO_LARGE',
      retryable: false,
      message: 'the repository needs more than the 1 MiB that it may occupy',
      hint: expect.stringContaining('disk.perRepository'),
    });

    expect(await occupied()).toBeLessThan(MiB);
  });

  it('is not fetched again for the same commit, by its branch or by its id', async () => {
    const { origin, mirror } = await smallRepository();
    const commit = await origin.commit({ 'large.bin': large() });
    await mirror.fetch(['main']).catch(() => undefined);
    // A fetch would say something else.
    await origin.remove();

    await expect(mirror.ensure(commit)).rejects.toMatchObject({ code: 'GIT_TOO_LARGE' });
  });

  it('works again by itself once its history is small', async () => {
    const { origin, mirror } = await smallRepository();
    const small = await origin.head();
    await origin.commit({ 'large.bin': large() });
    await mirror.fetch(['main']).catch(() => undefined);
    await origin.git('reset', '--quiet', '--hard', small);

    expect((await mirror.fetch(['main'])).heads.get('main')).toBe(small);
    expect((await mirror.tree(small).read('a.yaml')).toString()).toBe('a: 1\n');
  });

  it('does not keep its other branches from being fetched', async () => {
    const { origin, mirror } = await smallRepository();
    const small = await origin.head();
    await origin.git('checkout', '--quiet', '-b', 'huge');
    await origin.commit({ 'large.bin': large() });

    await expect(mirror.fetch(['main', 'huge'])).rejects.toMatchObject({ code: 'GIT_TOO_LARGE' });
    expect((await mirror.fetch(['main'])).heads.get('main')).toBe(small);
  });

  it('is measured without what force pushes left', async () => {
    const { origin, mirror } = await smallRepository();
    const small = await origin.head();
    for (let push = 0; push < 3; push++) {
      await origin.git('reset', '--quiet', '--hard', small);
      const commit = await origin.commit({ 'half.bin': randomBytes(MiB / 2).toString('base64') });

      expect((await mirror.fetch(['main'])).heads.get('main')).toBe(commit);
      await mirror.tree(commit).read('half.bin');
    }
  });
});
