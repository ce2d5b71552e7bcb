import { mkdir, readdir, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { gitEnvironment } from '../../../src/git/git-environment.ts';
import { maintainMirror, prepareMirror } from '../../../src/git/mirror-folder.ts';
import { originAndMirror, temporaryFolder } from '../../support/mirrors.ts';

const env = gitEnvironment({ base: process.env, knownHostsFile: '/nonexistent', allowFile: true });

describe('the folder of a mirror', () => {
  it('is packed without losing anything while its reader runs', async () => {
    const { origin, mirror, dir } = await originAndMirror({ 'a.txt': '0' });
    const commits: string[] = [];
    for (let round = 1; round <= 6; round++) {
      commits.push(await origin.commit({ 'a.txt': String(round) }));
      await mirror.fetch(['main']);
    }
    const [name = ''] = await readdir(dir);
    const gitDir = join(dir, name);
    const packs = async () =>
      (await readdir(join(gitDir, 'objects/pack'))).filter((file) => file.endsWith('.pack'));
    expect((await packs()).length).toBeGreaterThan(3);

    await maintainMirror({ gitDir, program: 'git', env });

    expect((await packs()).length).toBe(1);
    const contents = await Promise.all(commits.map((commit) => mirror.tree(commit).read('a.txt')));
    expect(contents.map(String)).toEqual(['1', '2', '3', '4', '5', '6']);
  });

  it('loses the refs of commits that were fetched by id a week ago, and what killed fetches left', async () => {
    const gitDir = join(await temporaryFolder(), 'x.git');
    await prepareMirror({ gitDir, program: 'git', env });
    await mkdir(join(gitDir, 'refs/slipway/commits'), { recursive: true });
    const files = [
      'objects/pack/tmp_pack_1',
      `refs/slipway/commits/${'a'.repeat(40)}`,
      'objects/pack/tmp_pack_2',
    ];
    for (const file of files) await writeFile(join(gitDir, file), '');
    const old = new Date(Date.now() - 8 * 24 * 3_600_000);
    for (const file of files.slice(0, 2)) await utimes(join(gitDir, file), old, old);

    await maintainMirror({ gitDir, program: 'git', env });

    const left = await Promise.all(
      files.map((file) =>
        stat(join(gitDir, file)).then(
          () => file,
          () => undefined,
        ),
      ),
    );
    expect(left.filter((file) => file !== undefined)).toEqual(['objects/pack/tmp_pack_2']);
  });

  it('is created once, and what a crash left beside it is removed', async () => {
    const dir = await temporaryFolder();
    const gitDir = join(dir, 'x.git');
    await mkdir(`${gitDir}.gone-1`);

    await prepareMirror({ gitDir, program: 'git', env });
    const { ino } = await stat(gitDir);
    await prepareMirror({ gitDir, program: 'git', env });

    expect((await stat(gitDir)).ino).toBe(ino);
    expect(await readdir(dir)).toEqual(['x.git']);
  });
});
