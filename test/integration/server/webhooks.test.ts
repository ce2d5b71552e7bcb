import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Queue } from 'bullmq';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { whyNotHeard } from '../../../src/policy/allowed-repositories.ts';
import { sandbox } from '../../support/sandbox.ts';
import { operator } from '../../unit/policy/operator.ts';
import {
  GITHUB_SECRET,
  GITLAB_SECRET,
  githubPush,
  githubSignature,
  type ServerUnderTest,
  startUnderTest,
} from './server-under-test.ts';

let server: ServerUnderTest;
beforeAll(async () => {
  server = await startUnderTest(sandbox().redisUrl);
});
afterAll(() => server.close());

async function waitingWakeUps(): Promise<string[]> {
  const queue = new Queue('intake-github', { connection: server.redis, prefix: server.prefix });
  const jobs = await queue.getPrioritized();
  return jobs.map(({ data }) => data.repository);
}

async function refusals(result: string): Promise<number> {
  const { values } = await server.composition.metrics.webhooks.get();
  return values.filter(({ labels }) => labels.result === result).reduce((sum, { value }) => sum + value, 0);
}

describe('a push that a secret of a project signed', () => {
  const own = 'webhook-secret-of-the-shop';
  let shop: ServerUnderTest;
  beforeAll(async () => {
    shop = await startUnderTest(
      sandbox().redisUrl,
      { unheard: (repository, signer) => whyNotHeard(rules, repository, signer) },
      [{ project: 'shop', secret: own }],
    );
  });
  afterAll(() => shop.close());

  const rules = operator({
    lending: { repositories: ['github/acme/loans'] },
    shop: { repositories: ['github/acme/shop'], webhookSecrets: [own] },
  });

  it.each([
    ['its own repository', 'acme/shop', own, 202],
    ["another project's repository", 'acme/loans', own, 401],
    ['a repository of no project', 'acme/stranger', own, 401],
    ["its own repository, signed with the forge's secret", 'acme/shop', GITHUB_SECRET, 401],
    ["another project's repository, signed with the forge's secret", 'acme/loans', GITHUB_SECRET, 202],
  ])('about %s gets %s, %s, %i', async (_about, repository, secret, status) => {
    const response = await shop.app.inject(
      githubPush({ id: `${repository.replace('/', '-')}-${status}`, repository, secret }),
    );

    expect(response.statusCode).toBe(status);
    expect(response.json().code).toBe(status === 401 ? 'SIGNATURE_INVALID' : undefined);
    const recorded = await shop.deliveries.get(`github:${repository.replace('/', '-')}-${status}`);
    expect(recorded === undefined).toBe(status === 401);
  });
});

describe('a signed push', () => {
  it('is recorded and its intake is enqueued before the response 202', async () => {
    const response = await server.app.inject(githubPush({ id: 'first', repository: 'acme/first' }));

    expect(response.statusCode).toBe(202);
    expect(response.json()).toEqual({
      delivery: 'github:first',
      state: 'waiting',
      outcome: 'the intake looks at github/acme/first',
    });
    expect(await server.deliveries.get('github:first')).toMatchObject({
      kind: 'webhook',
      event: 'push',
      repository: 'github/acme/first',
      ref: 'refs/heads/main',
      commit: '2'.repeat(40),
      sender: 'ada',
      state: 'waiting',
    });
    expect(await waitingWakeUps()).toContain('github/acme/first');
  });

  it('that is delivered again counts as repeated, and is enqueued again only after the first has ended', async () => {
    const push = githubPush({ id: 'twice', repository: 'acme/twice' });
    await server.app.inject(push);
    const repeated = await server.app.inject(push);
    await server.deliveries.end(['github:twice'], { state: 'done', outcome: 'deployed', targets: [] });
    const afterEnd = await server.app.inject(push);

    expect(repeated.json().outcome).toBe('repeated; the intake looks at github/acme/twice');
    expect(afterEnd.json()).toMatchObject({ state: 'waiting' });
    expect(await server.deliveries.get('github:twice')).toMatchObject({ repeats: 2 });
  });

  it('of a webhook that sends forms is verified over the form', async () => {
    const payload = `payload=${encodeURIComponent(githubPush().payload)}`;
    const response = await server.app.inject({
      ...githubPush(),
      payload,
      headers: {
        ...githubPush({ id: 'form' }).headers,
        'content-type': 'application/x-www-form-urlencoded',
        'x-hub-signature-256': githubSignature(payload),
      },
    });

    expect(response.statusCode).toBe(202);
    expect(await server.deliveries.get('github:form')).toMatchObject({ repository: 'github/acme/loans' });
  });

  it('signed with the older of two secrets is accepted', async () => {
    const response = await server.app.inject(githubPush({ secret: 'an-older-secret' }));

    expect(response.statusCode).toBe(202);
  });

  it('to a repository that no project allows is recorded as ignored, with the reason', async () => {
    const response = await server.app.inject(githubPush({ id: 'stranger', repository: 'stranger/danger' }));

    expect(response.statusCode).toBe(202);
    expect(response.json()).toEqual({
      delivery: 'github:stranger',
      state: 'ignored',
      outcome: 'no project allows github/stranger/danger',
    });
    expect(await waitingWakeUps()).not.toContain('github/stranger/danger');
    expect(await server.deliveries.repositories()).not.toContain('github/stranger/danger');
  });

  it('with half a surrogate pair is recorded well-formed, and so are those of its tick', async () => {
    const sign = (payload: string) => ({ 'x-hub-signature-256': githubSignature(Buffer.from(payload)) });
    const odd = githubPush({ id: 'odd', repository: 'acme/odd' });
    const payload = odd.payload.replace('"login":"ada"', '"login":"\\ud83d ada"');
    const long = githubPush({ id: 'long', repository: 'acme/long', ref: `refs/heads/${'x'.repeat(988)}😀` });

    const responses = await Promise.all([
      server.app.inject({ ...odd, payload, headers: { ...odd.headers, ...sign(payload) } }),
      server.app.inject(long),
      server.app.inject(githubPush({ id: 'beside', repository: 'acme/beside' })),
    ]);

    expect(responses.map(({ statusCode }) => statusCode)).toEqual([202, 202, 202]);
    expect((await server.deliveries.get('github:odd'))?.sender).toBe('\ufffd ada');
    expect((await server.deliveries.get('github:long'))?.ref).toBe(`refs/heads/${'x'.repeat(988)}\ufffd`);
  });

  it('to each of a hundred repositories at once enqueues each intake once', async () => {
    const pushes = Array.from({ length: 300 }, (_, at) =>
      githubPush({ repository: `burst/app-${at % 100}` }),
    );

    const responses = await Promise.all(pushes.map((push) => server.app.inject(push)));

    expect(new Set(responses.map(({ statusCode }) => statusCode))).toEqual(new Set([202]));
    const wakeUps = (await waitingWakeUps()).filter((repository) => repository.startsWith('github/burst/'));
    expect(wakeUps).toHaveLength(100);
    expect(new Set(wakeUps).size).toBe(100);
  });

  it('leaves no raw body in Redis or in the log', async () => {
    const push = githubPush({ id: 'quiet' });
    const marked = push.payload.replace('"deleted":false', '"deleted":false,"note":"do-not-keep-me"');
    await server.app.inject({
      ...push,
      payload: marked,
      headers: { ...push.headers, 'x-hub-signature-256': githubSignature(marked) },
    });

    const record = await server.redis.hgetall(`${server.prefix}:delivery:github:quiet`);
    expect(record.state).toBe('waiting');
    expect(JSON.stringify([record, server.logged])).not.toContain('do-not-keep-me');
  });
});

describe('a GitLab push', () => {
  const push = (token: string) => ({
    method: 'POST' as const,
    url: '/webhooks/gitlab',
    headers: {
      'content-type': 'application/json',
      'x-gitlab-event': 'Push Hook',
      'x-gitlab-token': token,
      'idempotency-key': 'gitlab-1',
    },
    payload: JSON.stringify({
      object_kind: 'push',
      ref: 'refs/heads/main',
      before: '1'.repeat(40),
      after: '2'.repeat(40),
      user_username: 'grace',
      project: { id: 3, path_with_namespace: 'acme/group/loans' },
    }),
  });

  it('is recorded under its own forge', async () => {
    const response = await server.app.inject(push(GITLAB_SECRET));

    expect(response.statusCode).toBe(202);
    expect(response.json()).toMatchObject({ delivery: 'gitlab:gitlab-1', state: 'waiting' });
  });

  it('with a wrong token is refused', async () => {
    expect((await server.app.inject(push('wrong'))).statusCode).toBe(401);
  });
});

describe('a refused request', () => {
  it.each([
    ['a wrong signature', () => githubPush({ id: 'bad', secret: 'wrong' }), 401, 'SIGNATURE_INVALID'],
    [
      'no signature',
      () => {
        const { 'x-hub-signature-256': _, ...headers } = githubPush({ id: 'bad' }).headers;
        return { ...githubPush({ id: 'bad' }), headers };
      },
      401,
      'SIGNATURE_INVALID',
    ],
    ['no body', () => ({ ...githubPush({ id: 'bad' }), payload: '' }), 401, 'SIGNATURE_INVALID'],
    [
      'a malformed body',
      () => {
        const push = githubPush({ id: 'bad' });
        return {
          ...push,
          payload: '{"ref":',
          headers: { ...push.headers, 'x-hub-signature-256': githubSignature('{"ref":') },
        };
      },
      400,
      'BODY_INVALID',
    ],
    [
      'an unknown forge',
      () => ({ ...githubPush({ id: 'bad' }), url: '/webhooks/bitbucket' }),
      404,
      'NOT_FOUND',
    ],
  ])('for %s gets an error with its code, and nothing is recorded', async (_name, request, status, code) => {
    const before = await refusals(code);

    const response = await server.app.inject(request());

    expect(response.statusCode).toBe(status);
    expect(response.json()).toEqual({ code, message: expect.any(String), hint: expect.any(String) });
    expect(await server.deliveries.get('github:bad')).toBeUndefined();
    expect(await refusals(code)).toBe(before + 1);
    expect(server.logged.at(-1)).toMatchObject({ msg: 'webhook refused', code });
  });

  it('never names a secret', () => {
    expect(JSON.stringify(server.logged)).not.toContain(GITHUB_SECRET);
  });
});

describe("GitHub's published examples", () => {
  const file = createRequire(import.meta.url).resolve('@octokit/webhooks-examples');
  const examples: { name: string; examples: unknown[] }[] = JSON.parse(readFileSync(file, 'utf8'));
  const events = examples.flatMap(({ name, examples: payloads }) =>
    payloads.map((payload) => ({ name, payload: JSON.stringify(payload) })),
  );

  it('all get the response 202, and only what may move a branch enqueues an intake', async () => {
    const responses = await Promise.all(
      events.map(async ({ name, payload }, at) => {
        const response = await server.app.inject({
          method: 'POST',
          url: '/webhooks/github',
          headers: {
            'content-type': 'application/json',
            'x-github-event': name,
            'x-github-delivery': `example-${at}`,
            'x-hub-signature-256': githubSignature(payload),
          },
          payload,
        });
        const { state, outcome } = response.json<{ state: string; outcome: string }>();
        return { name, status: response.statusCode, state, outcome };
      }),
    );

    expect(responses).toHaveLength(329);
    expect(responses.filter(({ status }) => status !== 202)).toEqual([]);
    const enqueueing = new Set(responses.filter(({ state }) => state === 'waiting').map(({ name }) => name));
    expect([...enqueueing].filter((name) => !['push', 'pull_request', 'create'].includes(name))).toEqual([]);
    expect(responses.filter(({ state, outcome }) => state === 'ignored' && !outcome)).toEqual([]);
  });
});
