import { afterAll, beforeAll, expect, it } from 'vitest';
import type { EventPage } from '../../../src/ports/outbox.ts';
import { sandbox } from '../../support/sandbox.ts';
import { recordRelease, type ServerUnderTest, startUnderTest, TOKEN, targetOf } from './server-under-test.ts';

const web = targetOf('web');
let server: ServerUnderTest;
beforeAll(async () => {
  server = await startUnderTest(sandbox().redisUrl);
  await recordRelease(server, web, {
    state: 'failed',
    failure: { code: 'UNHEALTHY', summary: 'image not found' },
    endedAt: Date.now(),
  });
});
afterAll(() => server.close());

async function read(query = ''): Promise<{ status: number; body: EventPage & { code?: string } }> {
  const headers = { authorization: `Bearer ${TOKEN}` };
  const response = await server.app.inject({ url: `/api/events${query}`, headers });
  return { status: response.statusCode, body: response.json() };
}

it('lists the events of releases, oldest first', async () => {
  const { status, body } = await read();

  expect(status).toBe(200);
  expect(body.events.map(({ event }) => event.kind)).toEqual(['queued', 'failed']);
  expect(body.events[1]?.event).toMatchObject({ target: web.id, release: { state: 'failed' } });
  expect(body.truncated).toBe(false);
});

it('continues after the cursor of the page before', async () => {
  const first = await read('?limit=1');
  expect(first.body.events).toHaveLength(1);
  const second = await read(`?after=${first.body.cursor}`);
  expect(second.body.events.map(({ event }) => event.kind)).toEqual(['failed']);
  const third = await read(`?after=${second.body.cursor}`);

  expect(third.body).toEqual({ events: [], cursor: second.body.cursor, truncated: false });
});

it.each(['?limit=0', '?limit=1001', '?limit=many', '?after=', '?after=yesterday'])(
  'refuses %s',
  async (query) => {
    expect(await read(query)).toMatchObject({ status: 400, body: { code: 'USAGE' } });
  },
);

it('needs a token', async () => {
  expect((await server.app.inject('/api/events')).statusCode).toBe(401);
});
