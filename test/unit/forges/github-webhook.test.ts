import { describe, expect, test } from 'vitest';
import { forgeOf, githubConfig, githubRequest, githubSignature, secret } from './support.ts';

const github = forgeOf(githubConfig);
const zeros = '0'.repeat(40);
const sha = 'a'.repeat(40);
const head = 'b'.repeat(40);
const repository = { full_name: 'acme/loans' };
const sender = { login: 'ada' };
const push = { ref: 'refs/heads/main', after: sha, deleted: false, repository, sender };
const pull = {
  action: 'closed',
  number: 7,
  pull_request: { merged: true, merge_commit_sha: sha, head: { sha: head }, base: { ref: 'main' } },
  repository,
  sender,
};

function read(event: string, payload: object, headers: Record<string, string | undefined> = {}) {
  return github.readWebhook(githubRequest(event, JSON.stringify(payload), headers));
}

describe('the signature', () => {
  test("is GitHub's published vector for its secret and body", async () => {
    const forge = forgeOf({ ...githubConfig, webhookSecrets: ["It's a Secret to Everybody"] });
    const request = githubRequest('push', 'Hello, World!', {
      'x-hub-signature-256': 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17',
    });

    // Past the signature: the body is no JSON.
    await expect(forge.readWebhook(request)).rejects.toMatchObject({ code: 'BODY_INVALID' });
  });

  test.each([
    ['is missing', undefined],
    ['is of another secret', githubSignature(Buffer.from(JSON.stringify(push)), 'another')],
    ['is of another body', githubSignature(Buffer.from('{}'))],
    ['is the SHA-1 of old', 'sha1=0000000000000000000000000000000000000000'],
    ['is empty', ''],
  ])('that %s is refused', async (_case, signature) => {
    const response = read('push', push, { 'x-hub-signature-256': signature });

    await expect(response).rejects.toMatchObject({ code: 'SIGNATURE_INVALID', status: 401 });
  });

  test('is verified before the body is parsed', async () => {
    const request = githubRequest('push', 'no JSON', { 'x-hub-signature-256': 'sha256=00' });

    await expect(github.readWebhook(request)).rejects.toMatchObject({ code: 'SIGNATURE_INVALID' });
  });

  test('may be valid for an empty body, which is then not JSON', async () => {
    await expect(github.readWebhook(githubRequest('push', ''))).rejects.toMatchObject({
      code: 'BODY_INVALID',
    });
  });

  test.each(['new secret', 'old secret'])('may use any configured secret: %s', async (used) => {
    const forge = forgeOf({ ...githubConfig, webhookSecrets: ['new secret', 'old secret'] });
    const body = Buffer.from(JSON.stringify(push));

    const response = forge.readWebhook(
      githubRequest('push', body, { 'x-hub-signature-256': githubSignature(body, used) }),
    );

    await expect(response).resolves.toMatchObject({ ref: 'refs/heads/main' });
  });

  test('covers the bytes: another form of the same JSON is refused', async () => {
    const signature = githubSignature(Buffer.from(JSON.stringify(push)));
    const request = githubRequest('push', JSON.stringify(push, null, 1), {
      'x-hub-signature-256': signature,
    });

    await expect(github.readWebhook(request)).rejects.toMatchObject({ code: 'SIGNATURE_INVALID' });
  });

  test('is refused without naming a secret', async () => {
    const error: Error = await read('push', push, { 'x-hub-signature-256': 'sha256=00' }).then(
      () => new Error('accepted'),
      (refusal: Error) => refusal,
    );

    expect(`${error.message} ${JSON.stringify(error)}`).not.toContain(secret);
  });
});

describe('a body', () => {
  test.each([
    ['that is no JSON', 'push', '{', 'not JSON'],
    ['that is no object', 'push', '[]', 'push event'],
    ['of another event', 'push', JSON.stringify({ zen: 'Design for failure.' }), 'ref'],
    [
      'of a pull request event without its pull request',
      'pull_request',
      JSON.stringify({ action: 'closed', number: 1 }),
      'pull_request',
    ],
    ['whose commit is none', 'push', JSON.stringify({ ...push, after: '--upload-pack' }), 'after'],
    [
      'whose repository climbs',
      'push',
      JSON.stringify({ ...push, repository: { full_name: '../x' } }),
      'repository.full_name',
    ],
  ])('%s is refused with what is missing', async (_case, event, body, words) => {
    const response = github.readWebhook(githubRequest(event, body));

    await expect(response).rejects.toMatchObject({
      code: 'BODY_INVALID',
      message: expect.stringContaining(words),
    });
  });

  test.each(['x-github-delivery', 'x-github-event'])('without the header %s is refused', async (header) => {
    await expect(read('push', push, { [header]: undefined })).rejects.toMatchObject({ code: 'BODY_INVALID' });
  });

  test('with an invalid id is refused, because no signature covers it', async () => {
    const response = read('push', push, { 'x-github-delivery': 'a\nb' });

    await expect(response).rejects.toMatchObject({ code: 'BODY_INVALID' });
  });

  test('sent as a form is read from its field; the signature covers the form', async () => {
    const form = new URLSearchParams({ payload: JSON.stringify(push) }).toString();

    const event = await github.readWebhook(
      githubRequest('push', form, { 'content-type': 'application/x-www-form-urlencoded' }),
    );

    expect(event).toMatchObject({ repository: 'github/acme/loans', ref: 'refs/heads/main', commit: sha });
  });

  test('sent as a form without the field is refused', async () => {
    const request = githubRequest('push', 'a=b', { 'content-type': 'application/x-www-form-urlencoded' });

    await expect(github.readWebhook(request)).rejects.toMatchObject({ code: 'BODY_INVALID' });
  });
});

describe('an event', () => {
  test.each([
    ['a push', 'push', push, { ref: 'refs/heads/main', commit: sha, event: 'push', sender: 'ada' }],
    [
      'a push of an annotated tag',
      'push',
      { ...push, ref: 'refs/tags/v1', after: head, head_commit: { id: sha } },
      { ref: 'refs/tags/v1', commit: sha },
    ],
    [
      'a new branch',
      'create',
      { ref: 'feature/x', ref_type: 'branch', repository },
      { ref: 'refs/heads/feature/x' },
    ],
    ['a new tag', 'create', { ref: 'v1', ref_type: 'tag', repository }, { ref: 'refs/tags/v1' }],
    [
      'a merge',
      'pull_request',
      pull,
      {
        event: 'pull_request.closed',
        ref: 'refs/heads/main',
        commit: sha,
        merged: { number: 7, head, mergeCommit: sha, base: 'main' },
      },
    ],
  ])('%s enqueues its repository', async (_case, name, payload, expected) => {
    const event = await read(name, payload);

    expect(event).toMatchObject({ repository: 'github/acme/loans', ...expected });
    expect(event.ignored).toBeUndefined();
  });

  test.each([
    ['a deleted branch', 'push', { ...push, after: zeros, deleted: true }, 'branch main was deleted'],
    ['a deleted tag', 'delete', { ref: 'v1', ref_type: 'tag', repository }, 'tag v1 was deleted'],
    ['a merge queue', 'push', { ...push, ref: 'refs/heads/gh-readonly-queue/main/pr-7-abc' }, 'merge queue'],
    [
      'a pull request closed unmerged',
      'pull_request',
      { ...pull, pull_request: { ...pull.pull_request, merged: false } },
      'pull request #7 was closed without a merge',
    ],
    ['an opened pull request', 'pull_request', { ...pull, action: 'opened' }, 'pull request #7 (opened)'],
    ['a star', 'star', { action: 'created', repository }, 'an event Slipway does not use: star'],
    [
      'an event named like a method',
      'constructor',
      { repository },
      'an event Slipway does not use: constructor',
    ],
  ])('of %s is ignored with its reason', async (_case, name, payload, reason) => {
    const event = await read(name, payload);

    expect(event.ignored).toContain(reason);
    expect(event.repository).toBe('github/acme/loans');
  });
});
