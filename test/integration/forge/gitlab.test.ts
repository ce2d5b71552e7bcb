import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { gitlabSignature } from '../../../sandbox/forge/hooks/signature.ts';
import { startReceiver } from '../../contract/support/receiver.ts';
import { type ForgeUnderTest, startForgeUnderTest } from './forge-under-test.ts';

let fixture: ForgeUnderTest;

beforeAll(async () => {
  fixture = await startForgeUnderTest();
});

afterAll(() => fixture.stop());

/** The fields of responses that the tests read; each response has some of them. */
interface ForgeReply {
  id: number;
  iid: number;
  pipeline_id: number;
  message: string;
  body: string;
  state: string;
  path_with_namespace: string;
  squash_commit_sha: string;
  merge_commit_sha: string;
}

const call = async (method: string, path: string, body?: unknown) => {
  const { url, token } = fixture.forge.gitlab;
  const response = await fetch(`${url}/api/v4${path}`, {
    method,
    headers: { 'private-token': token, 'content-type': 'application/json' },
    body: body === undefined ? null : JSON.stringify(body),
  });
  return { code: response.status, headers: response.headers, body: (await response.json()) as ForgeReply };
};

const project = async () => {
  const repo = await fixture.repository('gitlab');
  const sha = (await fixture.client.head('gitlab', repo, 'main')) ?? '';
  const at = `/projects/${encodeURIComponent(repo)}`;
  const post = (state: string, more: object = {}) =>
    call('POST', `${at}/statuses/${sha}`, { state, name: 'slipway/production', ...more });
  return { repo, sha, at, post };
};

describe('a commit status on GitLab', () => {
  test.each([
    ['pending', 'pending', ':enqueue from :pending'],
    ['running', 'running', ':run from :running'],
    ['running', 'pending', ':enqueue from :running'],
  ])('that is %s cannot become %s', async (first, second, reason) => {
    const { post } = await project();
    await post(first);

    const refused = await post(second);

    expect(refused.code).toBe(400);
    expect(refused.body.message).toContain(`Cannot transition status via ${reason}`);
  });

  test('keeps its id until it has ended; then a new status is created', async () => {
    const { post, sha, repo } = await project();

    const ids = [
      await post('pending'),
      await post('running'),
      await post('success'),
      await post('pending'),
    ].map(({ body }) => body.id);

    expect(ids[1]).toBe(ids[0]);
    expect(ids[2]).toBe(ids[0]);
    expect(ids[3]).not.toBe(ids[0]);
    const posted = await fixture.client.statuses('gitlab', repo, sha);
    expect(posted.map(({ state }) => state)).toEqual(['pending', 'running', 'success', 'pending']);
  });

  test('stays in the pipeline of the first status, and is refused for an unknown pipeline', async () => {
    const { post } = await project();

    const first = await post('pending');
    const second = await post('pending', { name: 'slipway/staging' });
    const wrong = await post('running', { pipeline_id: first.body.pipeline_id + 1 });

    expect(second.body.pipeline_id).toBe(first.body.pipeline_id);
    expect([wrong.code, wrong.body.message]).toEqual([404, '404 Pipeline Not Found']);
  });

  test.each<[string, object, number]>([
    ['an address of more than 255 characters', { target_url: `http://x/${'a'.repeat(250)}` }, 400],
    ['a state that does not exist', { state: 'failure' }, 400],
  ])('with %s is refused', async (_name, more, code) => {
    const { post } = await project();

    expect((await post('pending', more)).code).toBe(code);
  });

  test('is listed once per name, by id or path, in pages', async () => {
    const { post, sha, repo, at } = await project();
    for (const name of ['a', 'b', 'c']) await post('success', { name });
    await post('failed', { name: 'a' });
    const { body } = await call('GET', at);

    const listed = await call(
      'GET',
      `/projects/${body.id}/repository/commits/${sha}/statuses?per_page=2&page=2`,
    );
    const all = await call('GET', `${at}/repository/commits/${sha}/statuses?all=true`);

    expect(listed.body).toHaveLength(1);
    expect([listed.headers.get('x-total'), listed.headers.get('x-next-page')]).toEqual(['3', '']);
    expect(all.body).toHaveLength(4);
    expect(body.path_with_namespace).toBe(repo);
  });
});

describe('a merge request on GitLab', () => {
  test('is opened, found by its commit, squash-merged and still found', async () => {
    const { repo, at } = await project();
    const { sha } = await fixture.client.commit('gitlab', repo, 'feature', { files: { a: '1' } });

    const opened = await call('POST', `${at}/merge_requests`, {
      title: 'A',
      source_branch: 'feature',
      target_branch: 'main',
    });
    const merged = await call('PUT', `${at}/merge_requests/${opened.body.iid}/merge`, { squash: true });

    expect([opened.code, merged.body.state]).toEqual([201, 'merged']);
    for (const commit of [sha, merged.body.squash_commit_sha, merged.body.merge_commit_sha]) {
      const { body } = await call('GET', `${at}/repository/commits/${commit}/merge_requests`);
      expect(body).toMatchObject([{ iid: opened.body.iid, sha, target_branch: 'main' }]);
    }
  });

  test('has notes that can be changed, without their quick actions', async () => {
    const { repo, at } = await project();
    await fixture.client.commit('gitlab', repo, 'feature', { files: { a: '1' } });
    const { number } = await fixture.client.openPullRequest('gitlab', repo, { title: 'A', head: 'feature' });
    const notes = `${at}/merge_requests/${number}/notes`;

    const made = await call('POST', notes, { body: 'plan\n/approve\nends' });
    await call('PUT', `${notes}/${made.body.id}`, { body: 'a new plan' });
    const eaten = await call('POST', notes, { body: '/approve' });

    expect(made.body.body).toBe('plan\nends');
    expect(eaten.code).toBe(400);
    expect((await fixture.client.comments('gitlab', repo, number)).map(({ body }) => body)).toEqual([
      'a new plan',
    ]);
  });

  test('creates environments by deployments', async () => {
    const { repo, sha, at } = await project();
    const wanted = { environment: 'production', sha, ref: 'main', tag: false, status: 'running' };

    const made = await call('POST', `${at}/deployments`, wanted);
    await call('PUT', `${at}/deployments/${made.body.id}`, { status: 'success' });

    const [deployment] = await fixture.client.deployments('gitlab', repo);
    expect(deployment).toMatchObject({ environment: 'production', sha });
    expect(deployment?.statuses.map(({ state }) => state)).toEqual(['running', 'success']);
  });
});

describe('signing on GitLab', () => {
  test('agrees with the published vector', () => {
    const signature = gitlabSignature(
      'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
      'msg_p5jXN8AQM9LWM0D4loKWxJek',
      '1614265330',
      '{"test": 2432232314}',
    );

    expect(signature).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
  });

  test('covers the id that stays the same when a webhook is sent again', async () => {
    const receiver = await startReceiver();
    const repo = await fixture.repository('gitlab');
    const signingKey = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
    await fixture.client.addHook('gitlab', repo, { url: receiver.url, signingKey });
    await fixture.client.commit('gitlab', repo, 'main', { files: { a: '1' } });
    const delivery = await fixture.client.waitForDelivery({ repo });

    await fixture.client.redeliver(delivery.id);

    await receiver.stop();
    const [first, second] = receiver.received.map(({ headers }) => headers);
    for (const { headers, body } of receiver.received) {
      const id = String(headers['webhook-id']);
      const signature = gitlabSignature(
        signingKey,
        id,
        String(headers['webhook-timestamp']),
        body.toString(),
      );
      expect(headers['webhook-signature']).toBe(signature);
    }
    expect(second?.['idempotency-key']).toBe(first?.['idempotency-key']);
    expect(second?.['x-gitlab-webhook-uuid']).not.toBe(first?.['x-gitlab-webhook-uuid']);
  });
});
