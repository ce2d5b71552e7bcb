import { describe, expect, test } from 'vitest';
import { createVerify } from '../../../src/forges/gitlab/signature.ts';
import { forgeOf, gitlabConfig, gitlabRequest } from './support.ts';

const gitlab = forgeOf(gitlabConfig);
const zeros = '0'.repeat(40);
const sha = 'a'.repeat(40);
const head = 'b'.repeat(40);
const project = { path_with_namespace: 'acme/team/loans' };
const push = {
  object_kind: 'push',
  ref: 'refs/heads/main',
  after: sha,
  checkout_sha: sha,
  project,
  user_username: 'ada',
};
const merge = {
  object_kind: 'merge_request',
  user: { username: 'ada' },
  project,
  object_attributes: {
    iid: 7,
    action: 'merge',
    target_branch: 'main',
    merge_commit_sha: sha,
    last_commit: { id: head },
  },
};

describe('the token', () => {
  test.each([undefined, '', 'another', `${'a secret of the webhook'} `])('%j is refused', async (token) => {
    const response = gitlab.readWebhook(gitlabRequest('Push Hook', push, { 'x-gitlab-token': token }));

    await expect(response).rejects.toMatchObject({ code: 'SIGNATURE_INVALID', status: 401 });
  });

  test('may be any configured secret', async () => {
    const forge = forgeOf({ ...gitlabConfig, webhookSecrets: ['new', 'old'] });

    for (const token of ['new', 'old']) {
      const response = forge.readWebhook(gitlabRequest('Push Hook', push, { 'x-gitlab-token': token }));
      await expect(response).resolves.toMatchObject({ ref: 'refs/heads/main' });
    }
  });
});

describe('the signature of GitLab 19', () => {
  // The published vector of the Standard Webhooks specification, which GitLab follows.
  const key = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
  const right = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=';
  const sentAt = 1_614_265_330_000;
  const signed = {
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': right,
  };
  const body = Buffer.from('{"test": 2432232314}');
  const verify = createVerify([key]);

  test.each([
    ['alone', right],
    ['among several', `v1,AAAA v1a,BBBB ${right}`],
  ])('is accepted: the vector %s', (_case, signature) => {
    expect(() =>
      verify({ headers: { ...signed, 'webhook-signature': signature }, body }, sentAt),
    ).not.toThrow();
  });

  test.each([
    ['missing', { 'webhook-signature': undefined }],
    ['without id', { 'webhook-id': undefined }],
    ['without time', { 'webhook-timestamp': undefined }],
    ['of another id', { 'webhook-id': 'msg_another' }],
    ['of another time', { 'webhook-timestamp': '1614265331' }],
    ['with a time that is none', { 'webhook-timestamp': 'now' }],
    ['of another version', { 'webhook-signature': right.replace('v1,', 'v2,') }],
    ['cut short', { 'webhook-signature': right.slice(0, 20) }],
  ])('is refused: %s', (_case, headers) => {
    expect(() => verify({ headers: { ...signed, ...headers }, body }, sentAt)).toThrow(
      expect.objectContaining({ code: 'SIGNATURE_INVALID' }),
    );
  });

  test('is refused for another body', () => {
    expect(() => verify({ headers: signed, body: Buffer.from('{}') }, sentAt)).toThrow(
      /does not match the body/,
    );
  });

  test.each([
    [299_000, true],
    [-299_000, true],
    [301_000, false],
    [-301_000, false],
  ])('%i ms off the clock is accepted: %s', (offset, accepted) => {
    const attempt = () => verify({ headers: signed, body }, sentAt + offset);

    if (accepted) expect(attempt).not.toThrow();
    else expect(attempt).toThrow(/5 minutes/);
  });

  test('is refused if a signing key is sent as a token', () => {
    expect(() => verify({ headers: { 'x-gitlab-token': key }, body }, sentAt)).toThrow(/not signed/);
  });

  test('accepts either kind if both are configured', () => {
    const both = createVerify(['a token', key]);

    expect(() => both({ headers: { 'x-gitlab-token': 'a token' }, body }, sentAt)).not.toThrow();
    expect(() => both({ headers: signed, body }, sentAt)).not.toThrow();
    expect(() => both({ headers: { 'x-gitlab-token': 'another' }, body }, sentAt)).toThrow();
  });

  test('an empty key is a configuration error', () => {
    expect(() => createVerify(['whsec_'])).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  });
});

describe('a body', () => {
  test.each([
    ['of another event', 'Tag Push Hook', push, 'object_kind'],
    ['without a project', 'Push Hook', { ...push, project: undefined }, 'project'],
    [
      'whose project climbs',
      'Push Hook',
      { ...push, project: { path_with_namespace: 'a/../b' } },
      'path_with_namespace',
    ],
  ])('%s is refused with what is missing', async (_case, event, payload, words) => {
    const response = gitlab.readWebhook(gitlabRequest(event, payload));

    await expect(response).rejects.toMatchObject({
      code: 'BODY_INVALID',
      message: expect.stringContaining(words),
    });
  });

  test('that is not JSON is refused', async () => {
    const request = { ...gitlabRequest('Push Hook', {}), body: Buffer.from('{') };

    await expect(gitlab.readWebhook(request)).rejects.toMatchObject({ code: 'BODY_INVALID' });
  });
});

describe('an event', () => {
  test.each([
    ['a push', 'Push Hook', push, { ref: 'refs/heads/main', commit: sha }],
    [
      'a push of an annotated tag',
      'Tag Push Hook',
      { ...push, object_kind: 'tag_push', ref: 'refs/tags/v1', after: head },
      { ref: 'refs/tags/v1', commit: sha },
    ],
    [
      'a merge',
      'Merge Request Hook',
      merge,
      { ref: 'refs/heads/main', commit: sha, merged: { number: 7, head, mergeCommit: sha, base: 'main' } },
    ],
    [
      'a fast-forward merge',
      'Merge Request Hook',
      { ...merge, object_attributes: { ...merge.object_attributes, merge_commit_sha: null } },
      { commit: head, merged: { number: 7, head, mergeCommit: head, base: 'main' } },
    ],
  ])('%s enqueues its repository', async (_case, name, payload, expected) => {
    const event = await gitlab.readWebhook(gitlabRequest(name, payload));

    expect(event).toMatchObject({
      event: name,
      repository: 'gitlab/acme/team/loans',
      sender: 'ada',
      ...expected,
    });
    expect(event.ignored).toBeUndefined();
  });

  test.each([
    [
      'a deleted branch',
      'Push Hook',
      { ...push, after: zeros, checkout_sha: null },
      'branch main was deleted',
    ],
    [
      'an updated merge request',
      'Merge Request Hook',
      { ...merge, object_attributes: { ...merge.object_attributes, action: 'update' } },
      '!7 (update)',
    ],
    ['a note', 'Note Hook', { object_kind: 'note', project }, 'an event Slipway does not use: Note Hook'],
    ['a system hook', 'System Hook', { ...push, object_kind: 'push' }, 'system hooks are not used'],
  ])('of %s is ignored with its reason', async (_case, name, payload, reason) => {
    const event = await gitlab.readWebhook(gitlabRequest(name, payload));

    expect(event.ignored).toContain(reason);
  });
});

describe('the id of a delivery', () => {
  test.each([
    [
      'the idempotency key, stable over repeats',
      { 'idempotency-key': 'key-1', 'x-gitlab-webhook-uuid': 'uuid-1' },
      'key-1',
    ],
    [
      'the UUID of older versions',
      { 'idempotency-key': undefined, 'x-gitlab-webhook-uuid': 'uuid-1' },
      'uuid-1',
    ],
  ])('is %s', async (_case, headers, id) => {
    await expect(gitlab.readWebhook(gitlabRequest('Push Hook', push, headers))).resolves.toMatchObject({
      id,
    });
  });

  test('is read from the body if no header has one', async () => {
    const headers = { 'idempotency-key': undefined };
    const one = await gitlab.readWebhook(gitlabRequest('Push Hook', push, headers));
    const same = await gitlab.readWebhook(gitlabRequest('Push Hook', push, headers));
    const other = await gitlab.readWebhook(gitlabRequest('Push Hook', { ...push, after: head }, headers));

    expect(same.id).toBe(one.id);
    expect(other.id).not.toBe(one.id);
  });
});
