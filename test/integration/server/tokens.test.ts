import fastify from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Release } from '../../../src/model/release.ts';
import { type ApiToken, createHolders } from '../../../src/server/holders.ts';
import { requireToken } from '../../../src/server/plugins/tokens.ts';
import { sandbox } from '../../support/sandbox.ts';
import {
  githubPush,
  recordRelease,
  type ServerUnderTest,
  startUnderTest,
  targetOf,
} from './server-under-test.ts';

const viewer = {
  name: 'board',
  role: 'viewer',
  projects: ['lending'],
  secret: 'secret-of-the-board',
} as const;
const deployer = {
  name: 'ci',
  role: 'deployer',
  projects: ['lending'],
  secret: 'secret-of-the-ci-1',
} as const;
const ops = { name: 'ops', role: 'admin', secret: 'secret-of-the-operator' } as const;
const tokens: ApiToken[] = [viewer, deployer, ops].map((one) => ({
  ...one,
  projects: 'projects' in one ? [...one.projects] : undefined,
}));

const own = targetOf('web');
const others = targetOf('shop', 'production', 'github/acme/other');
const namesake = targetOf('web', 'production', 'github/acme/other');

let server: ServerUnderTest;
let othersRelease: Release;
beforeAll(async () => {
  server = await startUnderTest(sandbox().redisUrl, { tokens });
  await server.app.inject(githubPush({ id: 'own', repository: 'acme/loans' }));
  await server.app.inject(githubPush({ id: 'others', repository: 'acme/other' }));
  await recordRelease(server, own, { state: 'succeeded' });
  await recordRelease(server, namesake, { state: 'succeeded' });
  othersRelease = await recordRelease(server, others, { state: 'succeeded' });
});
afterAll(() => server.close());

async function call(token: { secret: string }, url: string, body?: object) {
  const response = await server.app.inject({
    url,
    headers: { authorization: `Bearer ${token.secret}` },
    ...(body ? { method: 'POST', payload: body } : {}),
  });
  return { status: response.statusCode, body: response.json() };
}

const idsOf = (list: { id: string }[]) => list.map(({ id }) => id);

describe('a token of one project', () => {
  it('lists the targets, deliveries and events of this project only', async () => {
    const { targets } = (await call(viewer, '/api/targets')).body;
    const { deliveries } = (await call(viewer, '/api/deliveries')).body;
    const { events } = (await call(viewer, '/api/events')).body;

    expect(idsOf(targets)).toEqual([own.id]);
    expect(idsOf(deliveries)).toEqual(['github:own']);
    expect(new Set(events.map(({ event }: { event: { target: string } }) => event.target))).toEqual(
      new Set([own.id]),
    );
    expect((await call(ops, '/api/targets')).body.targets).toHaveLength(3);
    expect((await call(ops, '/api/deliveries')).body.deliveries).toHaveLength(2);
  });

  it('does not list another project by asking for it', async () => {
    expect((await call(viewer, '/api/targets?project=other')).body.targets).toEqual([]);
    expect((await call(viewer, '/api/targets?repository=github%2Facme%2Fother')).body.targets).toEqual([]);
    expect((await call(viewer, '/api/deliveries?repository=github%2Facme%2Fother')).body.deliveries).toEqual(
      [],
    );
  });

  it.each([
    ['a release', () => `/api/releases/${othersRelease.id}`],
    ['a delivery', () => '/api/deliveries/github%3Aothers'],
    ['a history', () => `/api/targets/history?target=${encodeURIComponent(others.id)}`],
    ['a history by its short name', () => '/api/targets/history?target=shop%40production'],
  ])('does not find %s of another project, and hints at none', async (_name, url) => {
    const { status, body } = await call(viewer, url());

    expect([status, body.code]).toEqual([404, 'NOT_FOUND']);
    expect(body.hint).not.toContain('shop@production');
    expect((await call(ops, url())).status).toBe(200);
  });

  it('finds its own target by a short name that another project has too', async () => {
    const { status, body } = await call(viewer, '/api/targets/history?target=web%40production');

    expect([status, body.target]).toEqual([200, own.id]);
    expect((await call(ops, '/api/targets/history?target=web%40production')).status).toBe(409);
  });

  it('plans and deploys only targets of this project', async () => {
    const deploy = await call(deployer, '/api/deploy', { target: others.id });
    const plan = await call(deployer, '/api/plans', { target: others.id });

    expect([deploy.status, plan.status]).toEqual([404, 404]);
    expect((await server.releases.record(others.id))?.desired?.revision).toBe(1);
  });

  it('neither reads nor cancels a plan of another project', async () => {
    const { body } = await call(ops, '/api/plans', { target: others.id });
    const headers = { authorization: `Bearer ${viewer.secret}` };
    const cancelled = await server.app.inject({ method: 'DELETE', url: `/api/plans/${body.id}`, headers });

    expect((await call(viewer, `/api/plans/${body.id}`)).status).toBe(404);
    expect(cancelled.statusCode).toBe(404);
    expect((await call(ops, `/api/plans/${body.id}`)).status).toBe(200);
  });
});

describe('a role', () => {
  it('viewer reads and plans, and does not deploy', async () => {
    const plan = await call(viewer, '/api/plans', { target: own.id });
    const deploy = await call(viewer, '/api/deploy', { target: own.id });

    expect(plan.status).toBe(202);
    expect(deploy.status).toBe(403);
    expect(deploy.body).toMatchObject({
      code: 'FORBIDDEN',
      message: 'the token board is a viewer, and this needs a deployer or admin',
    });
    expect((await server.releases.record(own.id))?.desired?.revision).toBe(1);
  });

  it('deployer deploys, and cause, event and log carry the name of the token', async () => {
    const { status } = await call(deployer, '/api/deploy', { target: 'web@production' });

    expect(status).toBe(202);
    expect((await server.releases.record(own.id))?.desired?.cause).toEqual({ kind: 'manual', by: 'ci' });
    const { events } = (await call(ops, '/api/events?limit=1000')).body;
    expect(events.at(-1).event).toMatchObject({ kind: 'queued', target: own.id, cause: { by: 'ci' } });
    expect(server.logged).toContainEqual(
      expect.objectContaining({ msg: 'deploy requested', by: 'ci', target: own.id }),
    );
  });
});

it('refuses a route of the API that names no role before the server starts', () => {
  const app = fastify();
  requireToken(app, createHolders(tokens, server.composition.projects));

  expect(() => app.get('/open', async () => 'open')).toThrow('GET /open names no role');
});
