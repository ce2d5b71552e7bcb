import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Webhooks } from '@octokit/webhooks';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Face } from '../../../sandbox/forge/protocol.ts';
import { type Receiver, startReceiver } from '../../contract/support/receiver.ts';
import { type ForgeUnderTest, startForgeUnderTest } from './forge-under-test.ts';
import { createPayloadCheck } from './webhook-schema.ts';

const SECRET = 'between us';
const ZEROS = '0'.repeat(40);

let fixture: ForgeUnderTest;
let receiver: Receiver;

beforeAll(async () => {
  fixture = await startForgeUnderTest();
  receiver = await startReceiver();
});

afterAll(async () => {
  await fixture.stop();
  await receiver.stop();
});

/** A repository with a hook, cloned into a separate folder. */
const cloned = async (face: Face, events?: string[]) => {
  const repo = await fixture.repository(face);
  const { id } = await fixture.client.addHook(face, repo, {
    url: receiver.url,
    secret: SECRET,
    ...(events === undefined ? {} : { events }),
  });
  const folder = repo.replaceAll('/', '-');
  await mkdir(join(fixture.dir, folder));
  await fixture.git(folder, 'clone', '--quiet', fixture.cloneUrl(face, repo), '.');
  const change = async (file: string, content = file): Promise<void> => {
    await writeFile(join(fixture.dir, folder, file), content);
    await fixture.git(folder, 'add', '.');
    await fixture.git(folder, 'commit', '--quiet', '-m', `Change ${file}`);
  };
  const git = (...args: string[]): Promise<string> => fixture.git(folder, ...args);
  const heard = async (event: string) => {
    await fixture.client.quiet();
    return fixture.client.deliveries({ face, repo, event, hookId: id });
  };
  return { repo, git, change, heard };
};

describe('a push over Git', () => {
  test('sends GitHub’s webhook, signed over its bytes, in the published form', async () => {
    const { git, change, heard, repo } = await cloned('github');
    const before = await git('rev-parse', 'HEAD');
    await change('a.txt');
    await change('b.txt');

    await git('push', '--quiet', 'origin', 'main');

    const [push] = await heard('push');
    const after = await git('rev-parse', 'HEAD');
    expect(push?.payload).toMatchObject({
      ref: 'refs/heads/main',
      before,
      after,
      created: false,
      forced: false,
      commits: [{ added: ['a.txt'] }, { id: after, message: 'Change b.txt', added: ['b.txt'] }],
      repository: { full_name: repo, default_branch: 'main' },
    });
    const request = receiver.received.find(({ headers }) => headers['x-github-delivery'] === push?.guid);
    const signature = String(request?.headers['x-hub-signature-256']);
    expect(await new Webhooks({ secret: SECRET }).verify(String(request?.body), signature)).toBe(true);
    expect(push?.attempts).toMatchObject([{ status: 202, error: null }]);
  });

  test('sends GitLab’s webhook with the token and a stable key', async () => {
    const { git, change, heard, repo } = await cloned('gitlab');
    await change('a.txt');

    await git('push', '--quiet', 'origin', 'main');

    const [push] = await heard('push');
    const after = await git('rev-parse', 'HEAD');
    expect(push?.payload).toMatchObject({
      object_kind: 'push',
      after,
      checkout_sha: after,
      total_commits_count: 1,
      project: { path_with_namespace: repo },
    });
    const request = receiver.received.find(({ headers }) => headers['idempotency-key'] === push?.guid);
    expect(request?.headers).toMatchObject({ 'x-gitlab-event': 'Push Hook', 'x-gitlab-token': SECRET });
  });

  test('is reported after its end, with the time of its end', async () => {
    const { git, change, heard, repo } = await cloned('github');
    await change('a.txt');

    await git('push', '--quiet', 'origin', 'main');

    const [push] = await heard('push');
    const [recorded] = await fixture.client.pushes('github', repo);
    expect(recorded?.via).toBe('git');
    expect(push?.pushEndedAt).toBe(recorded?.endedAt);
    expect(push?.attempts[0]?.sentAt).toBeGreaterThanOrEqual(recorded?.endedAt ?? Number.NaN);
  });

  test('that rewrites history is forced, and lists only what is new', async () => {
    const { git, change, heard } = await cloned('github', ['push']);
    await change('a.txt');
    await git('push', '--quiet', 'origin', 'main');
    await git('reset', '--quiet', '--hard', 'HEAD~1');
    await change('b.txt');

    await git('push', '--quiet', '--force', 'origin', 'main');

    const pushes = await heard('push');
    expect(pushes.at(-1)?.payload).toMatchObject({ forced: true, commits: [{ added: ['b.txt'] }] });
  });

  test('of a new branch, of a tag and of their deletion have zeros as a SHA', async () => {
    const { git, heard } = await cloned('github');
    const sha = await git('rev-parse', 'HEAD');

    await git('push', '--quiet', 'origin', 'main:feature/x', 'main:refs/tags/v1');
    await git('push', '--quiet', 'origin', ':feature/x', ':refs/tags/v1');

    const pushes = (await heard('push')).map(({ payload }) => payload);
    expect(pushes).toMatchObject([
      { ref: 'refs/heads/feature/x', before: ZEROS, after: sha, created: true, commits: [] },
      { ref: 'refs/tags/v1', before: ZEROS, after: sha, head_commit: { id: sha } },
      { ref: 'refs/heads/feature/x', before: sha, after: ZEROS, deleted: true, head_commit: null },
      { ref: 'refs/tags/v1', before: sha, after: ZEROS, deleted: true },
    ]);
    expect((await heard('create')).map(({ payload }) => payload)).toMatchObject([
      { ref: 'feature/x', ref_type: 'branch' },
      { ref: 'v1', ref_type: 'tag' },
    ]);
    expect(await heard('delete')).toHaveLength(2);
  });

  test('of more than three refs sends nothing on GitLab', async () => {
    const { git, heard } = await cloned('gitlab');

    await git('push', '--quiet', 'origin', 'main:a', 'main:b', 'main:c');
    await git('push', '--quiet', 'origin', 'main:d', 'main:e', 'main:f', 'main:g');

    expect((await heard('push')).map(({ ref }) => ref)).toEqual(
      ['a', 'b', 'c'].map((name) => `refs/heads/${name}`),
    );
  });

  test('to a protected branch is refused and sends nothing, until the protection ends', async () => {
    const { git, change, heard, repo } = await cloned('github');
    await change('a.txt');
    await fixture.client.protectBranch('github', repo, 'main');

    await expect(git('push', '--quiet', 'origin', 'main')).rejects.toThrow(/Protected branch/);
    expect(await heard('push')).toEqual([]);
    await fixture.client.protectBranch('github', repo, 'main', false);
    await git('push', '--quiet', 'origin', 'main');

    expect(await heard('push')).toHaveLength(1);
  });

  test('of a pack larger than git’s buffer streams through', async () => {
    const { git, change, heard } = await cloned('github');
    const noise = Array.from({ length: 300_000 }, (_, index) => Math.imul(index, 2_654_435_761).toString(36));
    await change('big.txt', noise.join('\n'));

    await git('-c', 'http.postBuffer=65536', 'push', '--quiet', 'origin', 'main');

    expect(await heard('push')).toHaveLength(1);
  });
});

test('every webhook of the GitHub face matches its published schema', async () => {
  const check = createPayloadCheck();
  const { repo, git, change } = await cloned('github');
  await change('a.txt');
  await git('push', '--quiet', 'origin', 'main', 'main:one', 'main:refs/tags/v1');
  await fixture.client.createTag('github', repo, 'v2', { message: 'Second' });
  await fixture.client.commit('github', repo, 'one', { files: { one: '1' } });
  const pull = await fixture.client.openPullRequest('github', repo, { title: 'One', head: 'one' });
  await fixture.client.commit('github', repo, 'one', { files: { one: '2' } });
  await fixture.client.mergePullRequest('github', repo, pull.number, { method: 'squash' });
  await fixture.client.commit('github', repo, 'two', { files: {} });
  const other = await fixture.client.openPullRequest('github', repo, { title: 'Two', head: 'two' });
  await fixture.client.closePullRequest('github', repo, other.number);
  await fixture.client.deleteBranch('github', repo, 'one');
  await fixture.client.quiet();

  const sent = await fixture.client.deliveries({ repo });

  const kinds = new Set(sent.map(({ event, action }) => (action === null ? event : `${event} ${action}`)));
  expect([...kinds].sort()).toEqual([
    'create',
    'delete',
    'ping',
    'pull_request closed',
    'pull_request opened',
    'pull_request synchronize',
    'push',
  ]);
  expect(sent.flatMap(({ event, action, payload }) => check(event, action, payload))).toEqual([]);
});
