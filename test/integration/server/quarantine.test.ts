import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { ApiToken } from '../../../src/server/holders.ts';
import { sandbox } from '../../support/sandbox.ts';
import { type ServerUnderTest, startUnderTest } from './server-under-test.ts';

const admin: ApiToken = { name: 'ops', role: 'admin', secret: 'secret-of-the-operator' };
const lending: ApiToken = { name: 'lead', role: 'admin', projects: ['lending'], secret: 'secret-of-lending' };
const deployer: ApiToken = { name: 'ci', role: 'deployer', secret: 'secret-of-the-ci-1' };

const repository = 'github/acme/loans';
const intakeOf = (name: string) => ({ queue: 'intake', name });

let server: ServerUnderTest;
beforeAll(async () => {
  server = await startUnderTest(sandbox().redisUrl, { tokens: [admin, lending, deployer] });
});
afterAll(() => server.close());

beforeEach(async () => {
  const dead = { deaths: 3, work: '', quarantined: true };
  for (const name of [repository, 'github/acme/other']) {
    await server.suspects.write({ ...intakeOf(name), ...dead });
  }
  await server.suspects.write({ queue: 'plan', name: 'a-request', ...dead });
  await server.suspects.write({ queue: 'deploy', name: 'web', deaths: 1, work: '1', quarantined: false });
});

async function call({ secret }: ApiToken, method: 'GET' | 'POST', path: string, payload?: object) {
  const headers = { authorization: `Bearer ${secret}` };
  const response = await server.app.inject({
    method,
    url: `/api/quarantine${path}`,
    headers,
    ...(payload && { payload }),
  });
  return { status: response.statusCode, body: response.json() };
}

const namesSeenBy = async (token: ApiToken) =>
  (await call(token, 'GET', '')).body.jobs.map(({ name }: { name: string }) => name);

it('lists the jobs in quarantine, and not those that are only suspected', async () => {
  const { body } = await call(admin, 'GET', '');
  expect(body.jobs).toHaveLength(3);
  expect(body.jobs).toContainEqual({
    ...intakeOf(repository),
    repository,
    deaths: 3,
    since: expect.any(Number),
  });
});

it('shows an admin of a project only jobs of its repositories', async () => {
  expect(await namesSeenBy(lending)).toEqual([repository]);
  const tried = await call(lending, 'POST', '/retry', intakeOf('github/acme/other'));
  expect(tried).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
});

it('refuses who is no admin', async () => {
  expect(await call(deployer, 'GET', '')).toMatchObject({ status: 403 });
  expect(await call(deployer, 'POST', '/retry', intakeOf(repository))).toMatchObject({ status: 403 });
});

it('enqueues another look when an intake is tried again, and forgets its deaths', async () => {
  const tried = await call(admin, 'POST', '/retry', intakeOf(repository));
  expect(tried).toEqual({ status: 202, body: intakeOf(repository) });
  expect(await server.suspects.find('intake', repository)).toBeUndefined();
  expect((await server.wakeUps.counts()).intake).toMatchObject({ waiting: 1 });
  expect(await namesSeenBy(admin)).not.toContain(repository);
});

it('says so if the job is not in quarantine', async () => {
  const tried = await call(admin, 'POST', '/retry', { queue: 'deploy', name: 'web' });
  expect(tried).toMatchObject({ status: 404, body: { message: 'no deploy job "web" is in quarantine' } });
});
