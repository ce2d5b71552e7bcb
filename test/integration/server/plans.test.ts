import { randomUUID } from 'node:crypto';
import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { SlipwayError } from '../../../src/errors.ts';
import type { Plan, PlanRequests } from '../../../src/ports/planning.ts';
import { createPlanRequests } from '../../../src/store/plans.ts';
import { sandbox } from '../../support/sandbox.ts';
import { type ServerUnderTest, startUnderTest, TOKEN } from './server-under-test.ts';

const target = 'github/acme/loans//web@production';
const plan: Plan = { target, commit: 'c'.repeat(40), changeSet: { changes: [] } };
const authorization = `Bearer ${TOKEN}`;

let server: ServerUnderTest;
let requests: PlanRequests;
beforeEach(async () => {
  server = await startUnderTest(sandbox().redisUrl);
  onTestFinished(() => server.close());
  requests = createPlanRequests(server.redis, server.keys);
});

function call(method: 'GET' | 'POST' | 'DELETE', url: string, payload?: object) {
  return server.app.inject({ method, url, headers: { authorization }, ...(payload ? { payload } : {}) });
}

/** The id of the only request, as the plan worker finds it in Redis. */
async function recorded(): Promise<string> {
  const prefix = server.keys.planRequest('');
  let ids: string[] = [];
  await expect
    .poll(async () => {
      ids = (await server.redis.keys(`${prefix}*`)).map((key) => key.slice(prefix.length));
      return ids.length;
    })
    .toBe(1);
  return ids[0] ?? '';
}

it('responds with the plan when the plan worker has made it', async () => {
  const response = call('POST', '/api/plan', {
    target: 'web@production',
    ref: 'feature/v2',
    maxAgeMs: 5_000,
  });
  const id = await recorded();
  expect((await requests.read(id))?.request).toEqual({
    target: 'web@production',
    ref: 'feature/v2',
    maxAgeMs: 5_000,
  });
  await requests.end(id, { value: plan });

  expect((await response).statusCode).toBe(200);
  expect((await response).json()).toEqual(plan);
});

it('responds with the error that the plan worker found', async () => {
  const response = call('POST', '/api/plan', { target });
  const error = new SlipwayError('RENDER_FAILED', 'bad indentation', { hint: 'Indent it.' });
  await requests.end(await recorded(), { failure: error.failure });

  expect((await response).statusCode).toBe(422);
  expect((await response).json()).toEqual({
    code: 'RENDER_FAILED',
    message: 'bad indentation',
    hint: 'Indent it.',
  });
});

it('cancels the plan of a client that hangs up', async () => {
  const url = await server.app.listen({ host: '127.0.0.1', port: 0 });
  const leaving = new AbortController();
  const response = fetch(`${url}/api/plan`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json' },
    body: JSON.stringify({ target }),
    signal: leaving.signal,
  });
  const ended = expect(response).rejects.toThrow();
  const id = await recorded();
  leaving.abort();
  await ended;

  await expect.poll(() => requests.read(id)).toBeUndefined();
});

it('stops waiting for a plan when the server stops', async () => {
  const stopped = await startUnderTest(sandbox().redisUrl);
  const url = await stopped.app.listen({ host: '127.0.0.1', port: 0 });
  const response = fetch(`${url}/api/plan`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json' },
    body: JSON.stringify({ target }),
  });
  await expect
    .poll(async () => (await stopped.redis.keys(`${stopped.keys.planRequest('')}*`)).length)
    .toBe(1);
  await stopped.close();

  expect((await response).status).toBe(409);
  expect(await (await response).json()).toMatchObject({
    code: 'PLAN_CANCELLED',
    message: 'the server is stopping',
  });
});

it('lets a client ask for a plan, look again, and cancel it', async () => {
  const requested = await call('POST', '/api/plans', { target });
  expect(requested.statusCode).toBe(202);
  const { id } = requested.json();
  const path = `/api/plans/${id}`;
  expect((await call('GET', path)).json()).toMatchObject({ id, state: 'queued', request: { target } });
  await requests.end(id, { value: plan });
  expect((await call('GET', path)).json()).toMatchObject({ state: 'planned', plan });

  expect((await call('DELETE', path)).statusCode).toBe(204);
  expect((await call('GET', path)).statusCode).toBe(404);
  expect((await call('DELETE', path)).statusCode).toBe(404);
});

it('shows why a requested plan failed', async () => {
  const { id } = (await call('POST', '/api/plans', { target })).json();
  await requests.end(id, {
    failure: new SlipwayError('NOT_FOUND', 'the repository has no branch x').failure,
  });

  expect((await call('GET', `/api/plans/${id}`)).json()).toMatchObject({
    state: 'failed',
    failure: { code: 'NOT_FOUND', summary: 'the repository has no branch x' },
  });
});

it.each([
  [{}, 'target'],
  [{ target, ref: '' }, 'ref'],
  [{ target, maxAgeMs: 60_001 }, 'maxAgeMs'],
])('refuses %j and names the field', async (body, field) => {
  for (const path of ['/api/plan', '/api/plans']) {
    const response = await call('POST', path, body);
    expect(response.statusCode).toBe(400);
    expect(response.json()).toMatchObject({ code: 'USAGE', message: expect.stringContaining(field) });
  }
});

it('knows no plan that nobody requested', async () => {
  expect((await call('GET', `/api/plans/${randomUUID()}`)).statusCode).toBe(404);
});
