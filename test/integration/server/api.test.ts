import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sandbox } from '../../support/sandbox.ts';
import {
  githubPush,
  recordRelease,
  type ServerUnderTest,
  startUnderTest,
  TOKEN,
  targetOf,
} from './server-under-test.ts';

let server: ServerUnderTest;
const web = targetOf('web');
const namesake = targetOf('web', 'production', 'github/acme/other');
const worker = targetOf('worker');
beforeAll(async () => {
  server = await startUnderTest(sandbox().redisUrl);
  await server.app.inject(githubPush({ id: 'one', repository: 'acme/loans' }));
  await server.app.inject(githubPush({ id: 'two', repository: 'acme/other' }));
  for (const target of [web, namesake, worker]) {
    await recordRelease(server, target, { state: 'succeeded', summary: '1 created' });
  }
  await recordRelease(server, worker, {
    state: 'failed',
    failure: { code: 'UNHEALTHY', summary: '0 of 3 pods ready' },
  });
});
afterAll(() => server.close());

async function call(url: string, body?: object) {
  const response = await server.app.inject({
    url,
    headers: { authorization: `Bearer ${TOKEN}` },
    ...(body ? { method: 'POST', payload: body } : {}),
  });
  return { status: response.statusCode, body: response.json() };
}

describe('a request to the API', () => {
  it.each([
    ['no token', undefined],
    ['a wrong token', 'Bearer wrong'],
    ['a token that begins like the right one', `Bearer ${TOKEN.slice(0, -1)}`],
    ['another scheme', `Basic ${TOKEN}`],
  ])('is refused with %s', async (_name, authorization) => {
    const response = await server.app.inject({
      url: '/api/targets',
      headers: authorization ? { authorization } : {},
    });

    expect(response.statusCode).toBe(401);
    expect(response.json()).toMatchObject({ code: 'UNAUTHORIZED' });
  });

  it('gets 404 if server.yaml has no token', async () => {
    const closed = await startUnderTest(sandbox().redisUrl, { tokens: [] });
    const response = await closed.app.inject({
      url: '/api/targets',
      headers: { authorization: 'Bearer undefined' },
    });
    await closed.close();

    expect(response.statusCode).toBe(404);
    expect(response.json()).toEqual({
      code: 'NOT_FOUND',
      message: 'the API is off',
      hint: 'Set api.tokens in server.yaml to switch it on.',
    });
  });
});

describe('deliveries', () => {
  it('are listed newest first', async () => {
    const { status, body } = await call('/api/deliveries');

    expect(status).toBe(200);
    expect(body.deliveries.map(({ id }: { id: string }) => id)).toEqual(['github:two', 'github:one']);
  });

  it('are filtered by repository and state', async () => {
    const { body } = await call('/api/deliveries?repository=github%2Facme%2Fother&state=waiting&limit=5');
    const none = await call('/api/deliveries?state=done');

    expect(body.deliveries).toMatchObject([{ id: 'github:two', repository: 'github/acme/other' }]);
    expect(none.body.deliveries).toEqual([]);
  });

  it('are found by id', async () => {
    expect(await call('/api/deliveries/github%3Aone')).toMatchObject({
      status: 200,
      body: { sender: 'ada' },
    });
    expect(await call('/api/deliveries/github%3Anone')).toMatchObject({
      status: 404,
      body: { code: 'NOT_FOUND' },
    });
  });

  it.each(['limit=0', 'limit=many', 'limit=1001', 'state=lost'])('are not listed for %s', async (query) => {
    expect(await call(`/api/deliveries?${query}`)).toMatchObject({ status: 400, body: { code: 'USAGE' } });
  });
});

describe('targets', () => {
  it('are listed with their desired commit, their last release and its page', async () => {
    const { body } = await call('/api/targets');

    expect(body.targets.map(({ id }: { id: string }) => id)).toEqual([web.id, worker.id, namesake.id]);
    expect(body.targets[1]).toMatchObject({
      app: 'worker',
      environment: 'production',
      desired: { commit: 'c'.repeat(40), cause: { kind: 'push', by: 'ada' } },
      release: {
        state: 'failed',
        failure: { code: 'UNHEALTHY', summary: '0 of 3 pods ready' },
        url: expect.stringContaining('https://slipway.example.com/releases/'),
      },
    });
  });

  it('have a history by full identity and by short name', async () => {
    const byId = await call(`/api/targets/history?target=${encodeURIComponent(worker.id)}`);
    const byName = await call('/api/targets/history?target=worker%40production');

    expect(byId.body.releases.map(({ state }: { state: string }) => state)).toEqual(['failed', 'succeeded']);
    expect(byName.body).toEqual(byId.body);
  });

  it('are an error if the short name fits two', async () => {
    const { status, body } = await call('/api/targets/history?target=web%40production');

    expect([status, body.code]).toEqual([409, 'AMBIGUOUS']);
    expect(body.message).toContain(namesake.id);
  });

  it('are an error that names the nearest one if none fits', async () => {
    const { status, body } = await call('/api/targets/history?target=wroker%40production');

    expect([status, body.code]).toEqual([404, 'NOT_FOUND']);
    expect(body.hint).toContain('worker@production');
  });

  it('are deployed again on request, with a cause of their own', async () => {
    const { status, body } = await call('/api/deploy', { target: 'worker@production' });

    expect(status).toBe(202);
    const record = await server.releases.record(worker.id);
    expect(body).toEqual({
      target: worker.id,
      repository: worker.repository,
      commit: 'c'.repeat(40),
      revision: record?.desired?.revision,
    });
    expect(record?.desired?.cause).toEqual({ kind: 'manual', by: 'ops' });
    expect((await server.wakeUps.counts()).deploy).toMatchObject({ waiting: 1 });
  });

  it.each([[{}], [{ target: '' }], [{ target: 7 }]])('are not deployed for %j', async (body) => {
    expect(await call('/api/deploy', body)).toMatchObject({ status: 400, body: { code: 'USAGE' } });
  });
});

describe('a release', () => {
  it('is shown with its change set and the address of its page', async () => {
    const [release] = await server.releases.history(worker.id, 1);
    const { status, body } = await call(`/api/releases/${release?.id}`);

    expect(status).toBe(200);
    expect(body).toMatchObject({ id: release?.id, state: 'failed', changeSet: { changes: [] } });
    expect(body.url).toMatch(
      new RegExp(`^https://slipway\\.example\\.com/releases/${release?.id}\\?sig=[\\w-]{43}$`),
    );
  });

  it('that is unknown is 404', async () => {
    expect(await call('/api/releases/deadbeef-1')).toMatchObject({ status: 404 });
  });
});

describe('an address that does not exist', () => {
  it('gets an error in the form of all errors', async () => {
    const response = await server.app.inject('/nothing?secret=1');

    expect(response.statusCode).toBe(404);
    expect(response.json()).toEqual({
      code: 'NOT_FOUND',
      message: 'there is no GET /nothing',
      hint: 'Check the name.',
    });
  });
});
