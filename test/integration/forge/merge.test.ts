import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Face, MergeMethod } from '../../../sandbox/forge/protocol.ts';
import { type Receiver, startReceiver } from '../../contract/support/receiver.ts';
import { type ForgeUnderTest, startForgeUnderTest } from './forge-under-test.ts';

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

/** An open pull request of two commits. Its base has one newer commit. */
const openPull = async (face: Face) => {
  const { client } = fixture;
  const repo = await fixture.repository(face);
  await client.addHook(face, repo, { url: receiver.url });
  await client.commit(face, repo, 'feature', { files: { one: '1' }, message: 'Add one' });
  await client.commit(face, repo, 'feature', { files: { two: '2' }, message: 'Add two' });
  const base = await client.commit(face, repo, 'main', { files: { three: '3' }, message: 'Add three' });
  const pull = await client.openPullRequest(face, repo, { title: 'Numbers', head: 'feature' });
  return { repo, base: base.sha, pull };
};

const subjects = async (face: Face, repo: string): Promise<string[]> => {
  const commits = await fixture.client.log(face, repo, 'main');
  return commits.map(({ message }) => message.split('\n')[0] ?? '');
};

describe('merging a pull request', () => {
  const OLD = ['Add three', 'Begin'];
  const MERGED = ['Add two', 'Add one'];
  test.each<[Face, MergeMethod, string[]]>([
    ['github', 'merge', ['Merge pull request #1 from acme/feature', 'Add three', ...MERGED, 'Begin']],
    ['github', 'squash', ['Numbers (#1)', ...OLD]],
    ['github', 'rebase', [...MERGED, ...OLD]],
    ['gitlab', 'merge', ["Merge branch 'feature' into 'main'", 'Add three', ...MERGED, 'Begin']],
    ['gitlab', 'squash', ["Merge branch 'feature' into 'main'", 'Numbers', ...OLD]],
    ['gitlab', 'rebase', [...MERGED, ...OLD]],
  ])('on %s by %s writes the commits that it should', async (face, method, expected) => {
    const { repo, base, pull } = await openPull(face);

    const merged = await fixture.client.mergePullRequest(face, repo, pull.number, { method });

    const history = await subjects(face, repo);
    expect([...history].sort()).toEqual([...expected].sort());
    expect(history[0]).toBe(expected[0]);
    const head = await fixture.client.head(face, repo, 'main');
    expect(head).not.toBe(base);
    const noMergeCommit = face === 'gitlab' && method === 'rebase';
    expect(merged).toMatchObject({ state: 'merged', mergeCommitSha: noMergeCommit ? null : head });
    await fixture.git('.', 'clone', '--quiet', fixture.cloneUrl(face, repo), repo.replaceAll('/', '-'));
    expect(await fixture.git(repo.replaceAll('/', '-'), 'ls-files')).toBe('README.md\none\nthree\ntwo');
  });

  test('sends the push and the merged pull request on GitHub', async () => {
    const { repo, base, pull } = await openPull('github');

    const { mergeCommitSha } = await fixture.client.mergePullRequest('github', repo, pull.number);

    await fixture.client.quiet();
    const [, ...sent] = (await fixture.client.deliveries({ repo })).slice(-3);
    expect(sent.map(({ payload }) => payload)).toMatchObject([
      { ref: 'refs/heads/main', before: base, after: mergeCommitSha },
      { action: 'closed', pull_request: { merged: true, merge_commit_sha: mergeCommitSha } },
    ]);
  });

  test('sends the push and the merge with its commit on GitLab', async () => {
    const { repo, base, pull } = await openPull('gitlab');

    const { mergeCommitSha } = await fixture.client.mergePullRequest('gitlab', repo, pull.number);

    await fixture.client.quiet();
    const [, ...sent] = (await fixture.client.deliveries({ repo })).slice(-3);
    expect(sent.map(({ payload }) => payload)).toMatchObject([
      { object_kind: 'push', ref: 'refs/heads/main', before: base, after: mergeCommitSha },
      { object_attributes: { action: 'merge', state: 'merged', merge_commit_sha: mergeCommitSha } },
    ]);
  });

  test('bypasses the protection of its base', async () => {
    const { repo, pull } = await openPull('github');
    await fixture.client.protectBranch('github', repo, 'main');

    const merged = await fixture.client.mergePullRequest('github', repo, pull.number);

    expect(await fixture.client.head('github', repo, 'main')).toBe(merged.mergeCommitSha);
  });

  test('is refused when both sides changed the same lines', async () => {
    const { repo, base, pull } = await openPull('github');
    await fixture.client.commit('github', repo, 'feature', { files: { three: 'another three' } });

    await expect(fixture.client.mergePullRequest('github', repo, pull.number)).rejects.toThrow(/405/);

    expect(await fixture.client.head('github', repo, 'main')).toBe(base);
    expect(await fixture.client.pull('github', repo, pull.number)).toMatchObject({ state: 'open' });
  });
});

describe('an open pull request', () => {
  test('follows its branch, and reports the old head', async () => {
    const { repo, pull } = await openPull('gitlab');

    const { sha } = await fixture.client.commit('gitlab', repo, 'feature', { files: { four: '4' } });

    await fixture.client.quiet();
    const update = (await fixture.client.deliveries({ repo, event: 'merge_request' })).at(-1);
    expect(update?.payload).toMatchObject({
      object_attributes: { action: 'update', oldrev: pull.headSha, last_commit: { id: sha } },
    });
  });

  test('counts as merged after its commits are pushed to the base', async () => {
    const { repo, pull } = await openPull('github');
    const folder = `by-hand-${pull.headSha}`;
    await fixture.git('.', 'clone', '--quiet', fixture.cloneUrl('github', repo), folder);
    await fixture.git(folder, 'merge', '--quiet', '--no-edit', 'origin/feature');

    await fixture.git(folder, 'push', '--quiet', 'origin', 'main');

    const head = await fixture.client.head('github', repo, 'main');
    expect(await fixture.client.pull('github', repo, pull.number)).toMatchObject({
      state: 'merged',
      mergeCommitSha: head,
    });
  });
});
