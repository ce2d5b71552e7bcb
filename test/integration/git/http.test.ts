import { execFileSync } from 'node:child_process';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ForgeClient } from '../../../sandbox/forge/client.ts';
import { startForge } from '../../../sandbox/forge/forge.ts';
import { createMirrors } from '../../../src/git/mirrors.ts';
import type { GitAccess } from '../../../src/ports/forge.ts';
import type { Mirror } from '../../../src/ports/git.ts';
import { silent, temporaryFolder } from '../../support/mirrors.ts';

const repository = 'acme/web';

async function mirrorOf(access: GitAccess, folder?: string): Promise<Mirror> {
  const dir = folder ?? (await temporaryFolder());
  const mirrors = createMirrors({ dir, access: async () => access, env: process.env, log: silent });
  onTestFinished(() => mirrors.close());
  return mirrors.open(`github/${repository}`);
}

/** A private repository on a forge, and what it takes to read it. */
async function privateRepository() {
  const dir = await temporaryFolder();
  const forge = await startForge({ dir });
  onTestFinished(() => forge.stop());
  const client = new ForgeClient(forge);
  const { sha } = await client.createRepository('github', repository, {
    private: true,
    files: { 'deploy/web/a.yaml': 'a: 1\n' },
  });
  const header = (token: string) =>
    `Authorization: Basic ${Buffer.from(`x-access-token:${token}`).toString('base64')}`;
  const url = `${forge.github.url}/${repository}.git`;
  const onDisk = `${dir}/github/${repository}.git`;
  return { client, url, sha: sha ?? '', header, token: forge.github.token, onDisk };
}

async function gitRequests(client: ForgeClient): Promise<number> {
  return (await client.requests('github', repository)).filter(({ kind }) => kind === 'git').length;
}

describe('a mirror over HTTP', () => {
  it('reads a private repository with credentials, in two requests a fetch once it has a head', async () => {
    const { client, url, header, token } = await privateRepository();
    const mirror = await mirrorOf({ url, kind: 'header', header: header(token) });
    const counts: number[] = [];
    for (let round = 0; round < 4; round++) {
      const files = { 'deploy/web/a.yaml': `a: ${round}\n` };
      const { sha } = await client.commit('github', repository, 'main', { files });
      const before = await gitRequests(client);

      const { heads } = await mirror.fetch(['main']);

      expect(heads.get('main')).toBe(sha);
      expect((await mirror.tree(sha).read('deploy/web/a.yaml')).toString()).toBe(`a: ${round}\n`);
      counts.push((await gitRequests(client)) - before);
    }
    // By git, which asks for the default branch beside; with the question whether the forge speaks the protocol; and from then on.
    expect(counts).toEqual([5, 3, 2, 2]);
  });

  it('an announced commit costs no extra request, and one that does not exist changes nothing', async () => {
    const { client, url, header, token } = await privateRepository();
    const mirror = await mirrorOf({ url, kind: 'header', header: header(token) });
    for (const round of [0, 1, 2, 3]) {
      const files = { 'deploy/web/a.yaml': `a: ${round}\n` };
      const { sha } = await client.commit('github', repository, 'main', { files });
      const before = await gitRequests(client);
      const announced = round % 2 === 0 ? 'f'.repeat(40) : sha;

      const { heads } = await mirror.fetch(['main'], undefined, announced);

      expect(heads.get('main')).toBe(sha);
      expect((await mirror.tree(sha).read('deploy/web/a.yaml')).toString()).toBe(`a: ${round}\n`);
      if (round === 3) expect((await gitRequests(client)) - before).toBe(2);
    }
  });

  it.each([
    ['wrong credentials', 'hunter2'],
    ['none', undefined],
  ])('with %s is refused, and the error does not show them', async (_, wrong) => {
    const { url, header } = await privateRepository();
    const access: GitAccess =
      wrong === undefined ? { url, kind: 'none' } : { url, kind: 'header', header: header(wrong) };
    const mirror = await mirrorOf(access);

    const errors = await Promise.all([
      mirror.fetch(['main']).catch((error: unknown) => error),
      mirror.heads().catch((error: unknown) => error),
    ]);

    for (const error of errors) {
      expect(error).toMatchObject({
        code: 'GIT_REFUSED',
        message: expect.stringContaining(`github/${repository}`),
      });
      expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toMatch(/hunter2|aHVudGVyM/);
    }
  });

  it('is unreachable while its forge is down, and works again afterwards', async () => {
    const { client, url, sha, header, token } = await privateRepository();
    const mirror = await mirrorOf({ url, kind: 'header', header: header(token) });
    await client.setFaults('github', { gitDown: true });

    await expect(mirror.fetch(['main'])).rejects.toMatchObject({ code: 'GIT_UNREACHABLE', retryable: true });

    await client.clearFaults('github');
    expect((await mirror.fetch(['main'])).heads.get('main')).toBe(sha);
  });

  it('is unreachable at an address where nobody listens', async () => {
    const mirror = await mirrorOf({ url: 'http://127.0.0.1:1/x.git', kind: 'none' });

    await expect(mirror.heads()).rejects.toMatchObject({ code: 'GIT_UNREACHABLE' });
  });

  it('never sends its credentials to the target of a redirect', async () => {
    const asked: string[] = [];
    const thief = createServer((request, response) => {
      asked.push(String(request.headers.authorization));
      response.end();
    });
    await new Promise<void>((resolve) => thief.listen(0, '127.0.0.1', resolve));
    const redirecting = createServer((_, response) => {
      const { port } = thief.address() as AddressInfo;
      response.writeHead(301, { location: `http://127.0.0.1:${port}/x.git/info/refs` }).end();
    });
    await new Promise<void>((resolve) => redirecting.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      thief.close();
      redirecting.close();
    });
    const url = `http://127.0.0.1:${(redirecting.address() as AddressInfo).port}/x.git`;
    const mirror = await mirrorOf({ url, kind: 'header', header: 'Authorization: Bearer hunter2' });

    await expect(mirror.fetch(['main'])).rejects.toMatchObject({ code: 'GIT_REFUSED' });
    expect(asked).toEqual([]);
  });

  it.each(['file:///etc', 'ext::sh -c true', '--upload-pack=touch /tmp/x', '/etc'])(
    'does not take %s for an address',
    async (url) => {
      const mirror = await mirrorOf({ url, kind: 'none' });

      await expect(mirror.fetch(['main'])).rejects.toMatchObject({ code: 'GIT_REFUSED' });
    },
  );
});

describe('a look over HTTP', () => {
  it('lists all branches in one request, without a mirror', async () => {
    const { client, url, header, token, sha } = await privateRepository();
    await client.createBranch('github', repository, 'release/ä', sha);
    const mirror = await mirrorOf({ url, kind: 'header', header: header(token) });
    const counts: number[] = [];
    for (let look = 0; look < 2; look++) {
      const before = await gitRequests(client);
      expect(await mirror.heads()).toEqual({
        defaultBranch: 'main',
        branches: new Map([
          ['main', sha],
          ['release/ä', sha],
        ]),
      });
      counts.push((await gitRequests(client)) - before);
    }
    // With the question whether the forge speaks the protocol; and from then on.
    expect(counts).toEqual([2, 1]);
  });

  it('of an empty repository finds no branch', async () => {
    const { client, url, header, token } = await privateRepository();
    await client.createRepository('github', 'acme/empty', {});
    const empty = url.replace(repository, 'acme/empty');
    const mirror = await mirrorOf({ url: empty, kind: 'header', header: header(token) });

    expect((await mirror.heads()).branches).toEqual(new Map());
  });

  it('ends with its signal', async () => {
    const { client, url, header, token } = await privateRepository();
    await client.setFaults('github', { gitHangs: true });
    const mirror = await mirrorOf({ url, kind: 'header', header: header(token) });
    const given = new AbortController();
    const look = mirror.heads(given.signal);
    given.abort(new Error('given up'));

    await expect(look).rejects.toThrow('given up');
  });
});

describe('the fast path of a fetch', () => {
  /** A mirror that has a head, so that the next fetch takes the short way. */
  async function warmMirror() {
    const repo = await privateRepository();
    const dir = await temporaryFolder();
    const mirror = await mirrorOf({ url: repo.url, kind: 'header', header: repo.header(repo.token) }, dir);
    await mirror.fetch(['main']);
    return { ...repo, dir, mirror };
  }

  it('follows new, moved and deleted branches', async () => {
    const { client, mirror, sha } = await warmMirror();
    const second = await client.commit('github', repository, 'main', { files: { 'b.yaml': 'b: 1\n' } });
    await client.createBranch('github', repository, 'next', sha);
    const next = await client.commit('github', repository, 'next', { files: { 'c.yaml': 'c: 1\n' } });

    expect((await mirror.fetch(['main', 'next', 'gone'])).heads).toEqual(
      new Map([
        ['main', second.sha],
        ['next', next.sha],
      ]),
    );
    expect(await mirror.isAncestor(sha, second.sha)).toBe(true);

    await client.resetBranch('github', repository, 'main', sha);
    await client.deleteBranch('github', repository, 'next');
    expect((await mirror.fetch(['main', 'next'])).heads).toEqual(new Map([['main', sha]]));
  });

  it('brings a commit by its id', async () => {
    const { client, mirror } = await warmMirror();
    const { sha } = await client.commit('github', repository, 'main', { files: { 'b.yaml': 'b: 1\n' } });
    const before = await gitRequests(client);

    await mirror.ensure(sha);

    expect((await mirror.tree(sha).read('b.yaml')).toString()).toBe('b: 1\n');
    expect((await gitRequests(client)) - before).toBe(2);
  });

  it('checks what it fetches as git does', async () => {
    const { mirror, onDisk } = await warmMirror();
    const git = (...args: string[]) =>
      execFileSync('git', [`--git-dir=${onDisk}`, ...args])
        .toString()
        .trim();
    const file = join(await temporaryFolder(), 'raw');
    await writeFile(
      file,
      Buffer.concat([Buffer.from('40000 ..\0'), Buffer.from(git('rev-parse', 'main^{tree}'), 'hex')]),
    );
    const tree = git('hash-object', '-t', 'tree', '-w', '--literally', file);
    const commit = git(
      '-c',
      'user.name=x',
      '-c',
      'user.email=x@y',
      'commit-tree',
      '-p',
      'main',
      '-m',
      'evil',
      tree,
    );
    git('update-ref', 'refs/heads/main', commit);

    await expect(mirror.fetch(['main'])).rejects.toMatchObject({ code: 'GIT_INVALID' });
  });

  it('is left if another process deleted the mirror', async () => {
    const { client, mirror, dir } = await warmMirror();
    const { sha } = await client.commit('github', repository, 'main', { files: { 'b.yaml': 'b: 1\n' } });
    for (const name of await readdir(dir)) await rm(join(dir, name), { recursive: true });

    expect((await mirror.fetch(['main'])).heads.get('main')).toBe(sha);
    expect((await mirror.tree(sha).read('deploy/web/a.yaml')).toString()).toBe('a: 1\n');
  });

  it('reports what git reports if the commit does not exist, and continues', async () => {
    const { client, mirror } = await warmMirror();

    await expect(mirror.ensure('f'.repeat(40))).rejects.toMatchObject({ code: 'COMMIT_MISSING' });

    const { sha } = await client.commit('github', repository, 'main', { files: { 'b.yaml': 'b: 1\n' } });
    expect((await mirror.fetch(['main'])).heads.get('main')).toBe(sha);
  });
});
