import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Release } from '../../../src/model/release.ts';
import { releaseUrl, signLink } from '../../../src/server/links.ts';
import { sandbox } from '../../support/sandbox.ts';
import {
  LINK_SECRET,
  recordRelease,
  type ServerUnderTest,
  startUnderTest,
  targetOf,
} from './server-under-test.ts';

const member = { name: 'ada', role: 'viewer', projects: ['private'], secret: 'secret-of-a-member' } as const;
const stranger = {
  name: 'bob',
  role: 'admin',
  projects: ['lending'],
  secret: 'secret-of-a-stranger',
} as const;

let server: ServerUnderTest;
let signed: Release;
let closed: Release;
let hidden: Release;
beforeAll(async () => {
  const tokens = [member, stranger].map((one) => ({ ...one, projects: [...one.projects] }));
  server = await startUnderTest(sandbox().redisUrl, { tokens });
  const end = { state: 'succeeded' } as const;
  signed = await recordRelease(server, targetOf('web'), end);
  closed = await recordRelease(server, targetOf('web', 'live', 'github/acme/private'), end);
  hidden = await recordRelease(server, targetOf('web', 'live', 'github/acme/hidden'), end);
});
afterAll(() => server.close());

const signatureOf = ({ id }: Release) => `sig=${signLink(LINK_SECRET, id)}`;
const asPassword = ({ secret }: { secret: string }) => ({
  authorization: `Basic ${Buffer.from(`anybody:${secret}`).toString('base64')}`,
});
const open = ({ id }: Release, query: string, headers: Record<string, string> = {}) =>
  server.app.inject({ url: `/releases/${id}?${query}`, headers });

describe('the page of a project whose links need a login', () => {
  it('has an address that asks for one, and opens for a token of the project', async () => {
    const url = new URL((await releaseUrl(server.composition.links, closed.id, 'github/acme/private')) ?? '');
    const asked = await open(closed, url.search.slice(1));
    const opened = await open(closed, url.search.slice(1), asPassword(member));

    expect([asked.statusCode, opened.statusCode]).toEqual([401, 200]);
    expect(asked.headers['www-authenticate']).toBe('Basic realm="Slipway", charset="UTF-8"');
    expect(asked.body).not.toContain('web@live');
  });

  it('does not open by a signed address alone', async () => {
    expect((await open(closed, signatureOf(closed))).statusCode).toBe(401);
  });

  it('is not found with a token of another project, and asks again after a wrong password', async () => {
    expect((await open(closed, 'login', asPassword(stranger))).statusCode).toBe(404);
    expect((await open(closed, 'login', asPassword({ secret: 'wrong' }))).statusCode).toBe(401);
  });

  it('asks for the same login whether the release exists or not', async () => {
    const none = await open({ ...closed, id: 'deadbeef-1' }, 'login');
    const one = await open(closed, 'login');

    expect([none.statusCode, none.body]).toEqual([one.statusCode, one.body]);
  });
});

describe('the page of a project without links', () => {
  it('has no address and opens for nobody', async () => {
    expect(await releaseUrl(server.composition.links, hidden.id, 'github/acme/hidden')).toBeUndefined();
    expect((await open(hidden, signatureOf(hidden))).statusCode).toBe(404);
    expect((await open(hidden, 'login', asPassword(stranger))).statusCode).toBe(404);
  });
});

it('opens a page of signed links also for a token of the project, without the signature', async () => {
  expect((await open(signed, '', asPassword(stranger))).statusCode).toBe(200);
  expect((await open(signed, '', asPassword(member))).statusCode).toBe(404);
});

it('does not open the page of a repository that no project allows any more', async () => {
  const release = await recordRelease(server, targetOf('web', 'live', 'github/gone/web'), {
    state: 'failed',
  });

  expect((await open(release, signatureOf(release))).statusCode).toBe(404);
});

it('ends with the record of its release', async () => {
  const release = await recordRelease(server, targetOf('brief'), { state: 'failed' });
  expect((await open(release, signatureOf(release))).statusCode).toBe(200);
  await server.redis.del(server.keys.release(release.id));

  expect((await open(release, signatureOf(release))).statusCode).toBe(404);
});
