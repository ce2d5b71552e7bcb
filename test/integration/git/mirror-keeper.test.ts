import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { collectGarbage } from '../../../src/git/collect-garbage.ts';
import { gitEnvironment } from '../../../src/git/git-environment.ts';
import { withLock } from '../../../src/git/lock.ts';
import { MirrorKeeper, startMirrorKeeper } from '../../../src/git/mirror-keeper.ts';
import type { Mirror } from '../../../src/ports/git.ts';
import { GitOrigin } from '../../support/git-origin.ts';
import { openMirrors, silent, temporaryFolder } from '../../support/mirrors.ts';

const MiB = 1024 * 1024;
const HOUR_MS = 3_600_000;

const keeping = {
  program: 'git',
  env: gitEnvironment({ base: process.env, knownHostsFile: '/nonexistent', allowFile: true }),
  log: silent,
};

/** Mirrors of repositories of one mebibyte each, the first used the longest time ago, and what keeps them. */
async function keptMirrors(names: string[], budgetBytes: number) {
  const origin = await GitOrigin.create({
    'a/b.txt': 'hello',
    'big.txt': randomBytes(MiB).toString('hex'),
  });
  onTestFinished(() => origin.remove());
  const root = await temporaryFolder();
  const dir = join(root, 'mirrors');
  const mirrors = openMirrors(origin, { dir });
  for (const name of names) await mirrors.open(`github/acme/${name}`).fetch(['main']);
  const folders = await readdir(dir);
  const folderOf = (name: string) => join(dir, folders.find((one) => one.includes(`-${name}-`)) ?? '');
  const unused = async (name: string, ageMs: number) => {
    const then = new Date(Date.now() - ageMs);
    await utimes(join(folderOf(name), 'HEAD'), then, then);
  };
  for (const [index, name] of names.entries()) await unused(name, (names.length - index) * HOUR_MS);
  const measured: Map<string, number>[] = [];
  let evictions = 0;
  const keeper = new MirrorKeeper({
    root,
    dir,
    budgetBytes,
    ...keeping,
    onMeasured: (bytes) => measured.push(bytes),
    onEvicted: () => {
      evictions += 1;
    },
  });
  const left = async () => {
    const present = await readdir(dir);
    return names.filter((name) => present.some((folder) => folder.includes(`-${name}-`)));
  };
  return { origin, root, dir, mirrors, keeper, folderOf, measured, evictions: () => evictions, left };
}

it('evicts the mirrors that were not used for the longest time until the budget is met', async () => {
  const { keeper, left, measured, evictions } = await keptMirrors(['one', 'two', 'three'], 3 * MiB);

  await keeper.round();

  expect(await left()).toEqual(['two', 'three']);
  expect(evictions()).toBe(1);
  await keeper.round();
  expect(await left()).toEqual(['two', 'three']);
  expect(measured[0]?.get('mirrors')).toBeGreaterThan(3 * MiB);
  expect(measured[1]?.get('mirrors')).toBeLessThan(3 * MiB);
});

it('counts everything in the data directory', async () => {
  const { keeper, root, left, measured } = await keptMirrors(['one', 'two'], 3 * MiB);
  await mkdir(join(root, 'render/rendered'), { recursive: true });
  await writeFile(join(root, 'render/rendered/key'), randomBytes(MiB));

  await keeper.round();

  expect(measured[0]?.get('render')).toBeGreaterThanOrEqual(MiB);
  expect(await left()).toEqual(['two']);
});

it('never evicts a mirror that another process fetches into, or that was just used', async () => {
  const { keeper, folderOf, mirrors, left, origin } = await keptMirrors(['one', 'two'], MiB / 2);
  await mirrors.open('github/acme/two').ensure(await origin.head());
  const other = openMirrors(origin, { dir: join(folderOf('two'), '..') });
  await other.open('github/acme/two').ensure(await origin.head());

  await withLock(`${folderOf('one')}.lock`, () => keeper.round());

  expect(await left()).toEqual(['one', 'two']);
  await keeper.round();
  expect(await left()).toEqual(['two']);
});

it('measures a mirror again after a fetch', async () => {
  const { keeper, origin, mirrors, measured } = await keptMirrors(['one'], 100 * MiB);
  await keeper.round();
  await origin.commit({ 'more.txt': randomBytes(MiB).toString('hex') });
  await mirrors.open('github/acme/one').fetch(['main']);

  await keeper.round();

  const [before = 0, after = 0] = measured.map((bytes) => bytes.get('mirrors') ?? 0);
  expect(after - before).toBeGreaterThan(MiB);
});

it('removes what crashes left when it starts, but no mirror that is being created', async () => {
  const { dir, root, left } = await keptMirrors(['one'], 100 * MiB);
  const old = new Date(Date.now() - HOUR_MS);
  for (const name of ['x.git.gone-1', 'x.git.new-1', 'x.git.new-2']) {
    await mkdir(join(dir, name, 'objects'), { recursive: true });
    if (name !== 'x.git.new-2') await utimes(join(dir, name), old, old);
  }
  const measured = Promise.withResolvers<void>();

  const { stop } = startMirrorKeeper({
    root,
    dir,
    budgetBytes: 100 * MiB,
    ...keeping,
    onMeasured: () => measured.resolve(),
  });
  await measured.promise;
  await stop();

  expect((await readdir(dir)).filter((name) => name.startsWith('x.git'))).toEqual(['x.git.new-2']);
  expect(await left()).toEqual(['one']);
});

it('leaves every reader of an evicted mirror with the right answers', async () => {
  const { origin, root, dir, mirrors, folderOf } = await keptMirrors(['one'], MiB);
  const first = await origin.head();
  const second = await origin.commit({ 'a/b.txt': 'hello again' }, 'second');
  await origin.git('config', 'uploadpack.allowAnySHA1InWant', 'true');
  const mirror = mirrors.open('github/acme/one');
  await mirror.fetch(['main']);
  const tree = mirror.tree(second);
  await tree.list('.');
  // As if it had not been used for long: the reader is still open.
  const keeper = new MirrorKeeper({ ...keeping, root, dir, budgetBytes: 0, unusedMs: 0 });
  const evict = async () => {
    await keeper.round();
    await expect(stat(folderOf('one'))).rejects.toMatchObject({ code: 'ENOENT' });
  };

  await evict();
  expect((await tree.read('big.txt')).length).toBe(2 * MiB);
  await evict();
  await mirror.ensure(second);
  expect((await mirror.messages(second, first)).map((text) => text.trim())).toEqual(['second']);
  await evict();
  expect(await mirror.isAncestor(first, second)).toBe(true);
  await evict();
  expect(await mirror.since(second, [first], 10)).toEqual([second]);
  await evict();
  expect((await mirror.fetch(['main'])).heads.get('main')).toBe(second);
  expect((await mirror.tree(second).read('a/b.txt')).toString()).toBe('hello again');
});

/** Replaces the head of main by a commit with another mebibyte, and fetches it. */
async function forcePush(origin: GitOrigin, mirror: Mirror): Promise<string> {
  await writeFile(join(origin.dir, 'big.bin'), randomBytes(MiB));
  await origin.git('add', '--all');
  await origin.git('commit', '--quiet', '--amend', '--message', 'again');
  await mirror.fetch(['main']);
  return origin.head();
}

it('keeps a repository that is force-pushed again and again at the size of what it references', async () => {
  const { origin, root, dir, mirrors } = await keptMirrors(['one'], 1024 * MiB);
  const mirror = mirrors.open('github/acme/one');
  const sizes: number[] = [];
  const keeper = new MirrorKeeper({
    ...keeping,
    root,
    dir,
    budgetBytes: 1024 * MiB,
    garbageMs: 0,
    onMeasured: (bytes) => sizes.push(bytes.get('mirrors') ?? 0),
  });
  let head = '';
  for (let push = 0; push < 60; push++) {
    head = await forcePush(origin, mirror);
    if (push % 5 === 0) await keeper.round();
  }
  await keeper.round();

  expect(Math.max(...sizes)).toBeLessThan(30 * MiB);
  expect((await mirror.tree(head).read('big.bin')).length).toBe(MiB);
});

it('keeps commits that were force-pushed away a short time ago, and no older ones', async () => {
  const { origin, mirrors, folderOf } = await keptMirrors(['one'], 1024 * MiB);
  const mirror = mirrors.open('github/acme/one');
  const queued = await forcePush(origin, mirror);
  await forcePush(origin, mirror);
  const folder = { gitDir: folderOf('one'), ...keeping };
  await rename(origin.dir, `${origin.dir}-away`);
  onTestFinished(() => rename(`${origin.dir}-away`, origin.dir));
  const reader = () => openMirrors(origin, { dir: join(folderOf('one'), '..') }).open('github/acme/one');

  await collectGarbage(folder, HOUR_MS);
  await collectGarbage(folder, HOUR_MS);

  expect((await reader().tree(queued).read('big.bin')).length).toBe(MiB);
  await collectGarbage(folder, 0);
  await expect(reader().ensure(queued)).rejects.toThrow();
});
