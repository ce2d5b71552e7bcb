import { randomBytes } from 'node:crypto';
import { appendFile, readdir, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openMirrors, originAndMirror } from '../../support/mirrors.ts';

const unknown = 'f'.repeat(40);

describe('heads', () => {
  it('returns the default branch and every branch, and writes nothing', async () => {
    const { origin, mirror, dir } = await originAndMirror({ 'a.txt': '1' });
    await origin.git('branch', 'feature/x');

    const heads = await mirror.heads();

    const head = await origin.head();
    expect(heads).toEqual({
      defaultBranch: 'main',
      branches: new Map([
        ['feature/x', head],
        ['main', head],
      ]),
    });
    expect(await readdir(dir)).toEqual([]);
  });

  it('of an empty repository are empty', async () => {
    const { mirror } = await originAndMirror();

    expect(await mirror.heads()).toEqual({ defaultBranch: '', branches: new Map() });
  });
});

describe('fetch', () => {
  it('returns the heads of the requested branches', async () => {
    const { origin, mirror } = await originAndMirror({ 'a.txt': '1' });
    const first = await origin.head();
    expect((await mirror.fetch(['main'])).heads).toEqual(new Map([['main', first]]));

    const second = await origin.commit({ 'a.txt': '2' });

    expect((await mirror.fetch(['main'])).heads).toEqual(new Map([['main', second]]));
  });

  it('omits a branch that the forge does not have and fetches the others', async () => {
    const { origin, mirror } = await originAndMirror({ 'a.txt': '1' });

    const { heads } = await mirror.fetch(['gone', 'main', '-x', 'a..b', 'a:refs/heads/b']);

    expect(heads).toEqual(new Map([['main', await origin.head()]]));
  });

  it('of an empty repository returns nothing', async () => {
    const { mirror } = await originAndMirror();

    expect((await mirror.fetch(['main'])).heads).toEqual(new Map());
  });

  it('forgets a deleted branch, also if a branch below its name is created', async () => {
    const { origin, mirror } = await originAndMirror({ 'a.txt': '1' });
    await origin.git('branch', 'release');
    await mirror.fetch(['main', 'release']);
    await origin.git('branch', '-D', 'release');
    await origin.git('branch', 'release/1');

    const { heads } = await mirror.fetch(['release', 'release/1']);

    expect([...heads.keys()]).toEqual(['release/1']);
  });

  it('learns which branch is the default one at every fetch', async () => {
    const { origin, mirror } = await originAndMirror({ 'a.txt': '1' });
    expect((await mirror.fetch(['main'])).defaultBranch).toBe('main');
    await origin.git('branch', 'trunk');
    await origin.git('symbolic-ref', 'HEAD', 'refs/heads/trunk');

    expect((await mirror.fetch(['main'])).defaultBranch).toBe('trunk');
  });

  it('follows a force push to a commit without common history', async () => {
    const { origin, mirror } = await originAndMirror({ 'a.txt': '1' });
    await mirror.fetch(['main']);
    await origin.git('checkout', '--quiet', '--orphan', 'other');
    const other = await origin.commit({ 'b.txt': '2' });
    await origin.git('branch', '--force', 'main', other);

    expect((await mirror.fetch(['main'])).heads).toEqual(new Map([['main', other]]));
  });

  it('that starts before a push does not serve a call made after it', async () => {
    const { origin, mirror } = await originAndMirror({ 'a.txt': '1' });
    await mirror.fetch(['main']);
    const running = mirror.fetch(['main']);
    const second = await origin.commit({ 'a.txt': '2' });

    const later = await Promise.all([mirror.fetch(['main']), mirror.fetch(['main'])]);

    await running;
    expect(later.map(({ heads }) => heads.get('main'))).toEqual([second, second]);
  });

  it('by several concurrent users of one folder brings the head to all of them', async () => {
    const { origin, dir, mirror } = await originAndMirror({ 'a.txt': '1' });
    const others = [1, 2, 3].map(() => openMirrors(origin, { dir }).open('github/acme/web'));

    const heads = await Promise.all([mirror, ...others].map((each) => each.fetch(['main'])));

    const head = await origin.head();
    expect(heads.map((each) => each.heads.get('main'))).toEqual([head, head, head, head]);
  });

  it('refuses a tree with an entry that leaves its folder', async () => {
    const { origin, mirror } = await originAndMirror({ 'a.txt': '1' });
    await mirror.fetch(['main']);
    const inner = Buffer.from(await origin.git('rev-parse', 'HEAD^{tree}'), 'hex');
    const raw = Buffer.concat([Buffer.from('40000 ..\0'), inner]);
    await writeFile(join(origin.dir, 'raw'), raw);
    const tree = await origin.git('hash-object', '-t', 'tree', '-w', '--literally', 'raw');
    const commit = await origin.git('commit-tree', '-m', 'evil', tree);
    await origin.git('update-ref', 'refs/heads/main', commit);

    await expect(mirror.fetch(['main'])).rejects.toMatchObject({
      code: 'GIT_INVALID',
      message: expect.stringContaining('hasDotdot'),
    });
  });

  it('ends when its signal does, for the caller alone', async () => {
    const { mirror } = await originAndMirror({ 'a.txt': '1' });
    const abort = new AbortController();
    const mine = mirror.fetch(['main'], abort.signal);
    const theirs = mirror.fetch(['main']);

    abort.abort(new Error('enough'));

    await expect(mine).rejects.toThrow('enough');
    expect((await theirs).heads.size).toBe(1);
  });

  it('removes the lock that a killed git left', async () => {
    const { origin, dir, mirror } = await originAndMirror({ 'a.txt': '1' });
    await mirror.fetch(['main']);
    const [name = ''] = await readdir(dir);
    await writeFile(join(dir, name, 'refs/slipway/heads/main.lock'), '');
    const second = await origin.commit({ 'a.txt': '2' });

    expect((await mirror.fetch(['main'])).heads).toEqual(new Map([['main', second]]));
  });

  it('takes over the lock of a dead process', async () => {
    const { dir, mirror } = await originAndMirror({ 'a.txt': '1' });
    await mirror.fetch(['main']);
    const [name = ''] = await readdir(dir);
    await writeFile(join(dir, `${name}.lock`), `999999999 ${hostname()} x`);

    expect((await mirror.fetch(['main'])).heads.size).toBe(1);
  });
});

describe('a mirror that was damaged', () => {
  it('is cloned again when a fetch fails because of it', async () => {
    const { origin, dir, mirror } = await originAndMirror({ 'a.txt': '1' });
    await mirror.fetch(['main']);
    const [name = ''] = await readdir(dir);
    await writeFile(join(dir, name, 'config'), 'nonsense [');
    const second = await origin.commit({ 'a.txt': '2' });

    expect((await mirror.fetch(['main'])).heads).toEqual(new Map([['main', second]]));
    expect(await readdir(dir)).toEqual([name]);
  });

  it('is cloned again when a file of a known commit cannot be read', async () => {
    const { origin, dir, mirror } = await originAndMirror({ 'a/b.txt': 'hello' });
    await mirror.fetch(['main']);
    const [name = ''] = await readdir(dir);
    const packs = join(dir, name, 'objects/pack');
    const first = await readdir(packs);
    const second = await origin.commit({ 'c.txt': 'more' });
    await mirror.fetch(['main']);
    for (const file of first) await rm(join(packs, file));

    const content = await mirror.tree(second).read('a/b.txt');

    expect(content.toString()).toBe('hello');
  });

  it('is created again if its folder is gone', async () => {
    const { origin, dir, mirror } = await originAndMirror({ 'a.txt': '1' });
    await mirror.fetch(['main']);
    const [name = ''] = await readdir(dir);
    await rm(join(dir, name), { recursive: true });

    expect((await mirror.fetch(['main'])).heads.get('main')).toBe(await origin.head());
  });

  it('is left alone if the cause is the forge', async () => {
    const { origin, mirror } = await originAndMirror({ 'a.txt': '1' });
    await mirror.fetch(['main']);
    await origin.remove();

    await expect(mirror.fetch(['main'])).rejects.toMatchObject({ code: 'GIT_REFUSED' });
  });
});

describe('ensure', () => {
  it('fetches a commit by its id, also one that no branch contains any more', async () => {
    const { origin, mirror } = await originAndMirror({ 'a.txt': '1' });
    const lost = await origin.commit({ 'a.txt': 'lost' });
    await origin.git('reset', '--quiet', '--hard', 'HEAD^');
    await origin.git('config', 'uploadpack.allowAnySHA1InWant', 'true');

    await mirror.ensure(lost);

    expect((await mirror.tree(lost).read('a.txt')).toString()).toBe('lost');
  });

  it('reports a commit that the forge does not have', async () => {
    const { mirror } = await originAndMirror({ 'a.txt': '1' });

    await expect(mirror.ensure(unknown)).rejects.toMatchObject({ code: 'COMMIT_MISSING' });
    await expect(mirror.ensure('main')).rejects.toMatchObject({ code: 'COMMIT_MISSING' });
  });

  it('fetches a commit once for all that need it at the same time, also if the forge refuses', async () => {
    let asked = 0;
    const access = async () => {
      asked += 1;
      return { url: 'file:///nowhere', kind: 'none' as const };
    };
    const { mirror } = await originAndMirror({}, { access });

    const ends = await Promise.allSettled(Array.from({ length: 10 }, () => mirror.ensure(unknown)));

    expect(ends.map(({ status }) => status)).toEqual(Array(10).fill('rejected'));
    const afterAll = asked;
    expect(afterAll).toBeGreaterThan(0);
    await mirror.ensure(unknown).catch(() => undefined);
    expect(asked, 'one more fetch asks as often as ten that came together').toBe(2 * afterAll);
  });

  it('finds what another user of the folder fetched, without asking the forge', async () => {
    const { origin, dir, mirror } = await originAndMirror({ 'a.txt': '1' });
    await mirror.ensure(await origin.head());
    const second = await origin.commit({ 'a.txt': '2' });
    await openMirrors(origin, { dir }).open('github/acme/web').fetch(['main']);
    await origin.remove();

    await mirror.ensure(second);

    expect((await mirror.tree(second).read('a.txt')).toString()).toBe('2');
  });
});

describe('isAncestor', () => {
  it('distinguishes a merge from a force push', async () => {
    const { origin, mirror } = await originAndMirror({ 'a.txt': '1' });
    const first = await origin.head();
    const second = await origin.commit({ 'a.txt': '2' });
    await mirror.fetch(['main']);

    expect(await mirror.isAncestor(first, second)).toBe(true);
    expect(await mirror.isAncestor(second, first)).toBe(false);
    expect(await mirror.isAncestor(unknown, second)).toBe(false);
  });
});

describe('since', () => {
  it('lists what is in the history of a commit and not of the known ones, newest first and bounded', async () => {
    const { origin, mirror } = await originAndMirror({ 'a.txt': '1' });
    const first = await origin.head();
    const second = await origin.commit({ 'a.txt': '2' });
    const third = await origin.commit({ 'a.txt': '3' });
    await mirror.fetch(['main']);

    expect(await mirror.since(third, [first, unknown], 10)).toEqual([third, second]);
    expect(await mirror.since(third, [first], 1)).toEqual([third]);
    expect(await mirror.since(first, [third], 10)).toEqual([]);
    expect(await mirror.since(third, [unknown], 10)).toEqual([third, second, first]);
  });
});

describe('a question about history', () => {
  const evicted = async () => {
    const all = await originAndMirror({ 'a.txt': '1' });
    const { origin, mirror, dir } = all;
    const first = await origin.head();
    const second = await origin.commit({ 'a.txt': '2' }, 'second');
    const third = await origin.commit({ 'a.txt': '3' }, 'third');
    await origin.git('config', 'uploadpack.allowAnySHA1InWant', 'true');
    await mirror.fetch(['main']);
    const [name = ''] = await readdir(dir);
    await rm(join(dir, name), { recursive: true });
    return { ...all, first, second, third, gitDir: join(dir, name) };
  };

  it('about ancestry fetches what the mirror has lost instead of saying no', async () => {
    const { origin, dir, first, third } = await evicted();
    const mirror = openMirrors(origin, { dir }).open('github/acme/web');

    expect(await mirror.isAncestor(first, third)).toBe(true);
    expect(await mirror.isAncestor(third, first)).toBe(false);
  });

  it('about messages and new commits fetches what the mirror has lost instead of finding none', async () => {
    const { origin, dir, first, second, third } = await evicted();
    const messages = openMirrors(origin, { dir }).open('github/acme/web');
    expect((await messages.messages(third, first)).map((text) => text.trim())).toEqual(['third', 'second']);
    const [name = ''] = await readdir(dir);
    await rm(join(dir, name), { recursive: true });

    const since = openMirrors(origin, { dir }).open('github/acme/web');

    expect(await since.since(third, [first], 10)).toEqual([third, second]);
  });

  it('keeps the range of messages if the older commit was force-pushed away', async () => {
    const { origin, mirror } = await originAndMirror({ 'a.txt': '1' });
    const lost = await origin.commit({ 'a.txt': 'lost' });
    await origin.git('reset', '--quiet', '--hard', 'HEAD^');
    await origin.commit({ 'a.txt': '2' }, 'second');
    const third = await origin.commit({ 'a.txt': '3' }, 'third');
    await origin.git('config', 'uploadpack.allowAnySHA1InWant', 'true');
    await mirror.fetch(['main']);

    expect((await mirror.messages(third, lost)).map((text) => text.trim())).toEqual(['third', 'second']);
    expect((await mirror.messages(third, unknown)).map((text) => text.trim())).toEqual(['third']);
  });

  it('repairs a mirror that lacks an object of the history', async () => {
    const { origin, mirror, dir } = await originAndMirror({ 'a.txt': '1' });
    const first = await origin.head();
    await mirror.fetch(['main']);
    const files = () => readdir(dir, { recursive: true, withFileTypes: true });
    const pathsOf = async () =>
      (await files()).filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name));
    const before = await pathsOf();
    await origin.commit({ 'a.txt': '2' });
    await mirror.fetch(['main']);
    const ofSecond = (await pathsOf()).filter((path) => path.includes('/objects/') && !before.includes(path));
    const third = await origin.commit({ 'a.txt': '3' });
    await mirror.fetch(['main']);
    for (const path of ofSecond) await rm(path);
    const fresh = openMirrors(origin, { dir }).open('github/acme/web');

    expect(await fresh.isAncestor(first, third)).toBe(true);
  });

  it('fails if neither the mirror nor the forge can answer', async () => {
    const { origin, dir, first, third } = await evicted();
    await origin.remove();
    const mirror = openMirrors(origin, { dir }).open('github/acme/web');

    await expect(mirror.isAncestor(first, third)).rejects.toMatchObject({ code: 'GIT_REFUSED' });
    await expect(mirror.messages(third, first)).rejects.toMatchObject({ code: 'GIT_REFUSED' });
    await expect(mirror.since(third, [first], 10)).rejects.toMatchObject({ code: 'GIT_REFUSED' });
  });

  it('fails if git cannot be started', async () => {
    const { origin, dir, first, third } = await evicted();
    const mirror = openMirrors(origin, { dir, git: '/nonexistent/git' }).open('github/acme/web');

    await expect(mirror.isAncestor(first, third)).rejects.toMatchObject({ code: 'INTERNAL' });
  });
});

describe('a repository that grows', () => {
  it('is complete after many fetches', async () => {
    const { origin, mirror } = await originAndMirror({ 'a.txt': '1' });
    for (let round = 0; round < 5; round++) {
      await appendFile(join(origin.dir, 'a.txt'), randomBytes(20_000).toString('hex'));
      const commit = await origin.commit({});
      await mirror.fetch(['main']);
      expect((await mirror.tree(commit).read('a.txt')).length).toBe(1 + (round + 1) * 40_000);
    }
  });
});
