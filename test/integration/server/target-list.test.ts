import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../../../sandbox/redis/redis.ts';
import type { ReleaseState } from '../../../src/model/release.ts';
import type { Target } from '../../../src/model/target.ts';
import { recordRelease, type ServerUnderTest, startUnderTest, TOKEN, targetOf } from './server-under-test.ts';

const MANY = 10_000;

let dir: string;
let ownRedis: RedisServer;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'slipway-targets-'));
  // The number of commands is that of the whole Redis, also those that scripts call.
  ownRedis = await startRedis({ dir, log: () => undefined });
});
afterAll(async () => {
  await ownRedis.stop();
  await rm(dir, { recursive: true, force: true });
});

/** Targets of ten repositories, in turn on two clusters. */
async function desire({ desired }: ServerUnderTest, count: number): Promise<Target[]> {
  const targets = Array.from({ length: count }, (_, at) => ({
    ...targetOf(`app${String(at).padStart(5, '0')}`, 'production', `github/acme/loans-${at % 10}`),
    cluster: at % 2 === 0 ? 'prod' : 'staging',
  }));
  for (const repository of new Set(targets.map((target) => target.repository))) {
    const found = targets
      .filter((target) => target.repository === repository)
      .map((target) => ({
        target,
        commit: 'c'.repeat(40),
        contentKey: 'one',
        cause: { kind: 'push' } as const,
        retry: false,
      }));
    await desired.setDesired(repository, await desired.nextSequence(repository), found);
  }
  return targets;
}

async function call(server: ServerUnderTest, url: string) {
  const response = await server.app.inject({ url, headers: { authorization: `Bearer ${TOKEN}` } });
  return { status: response.statusCode, body: response.json() };
}

const idsOf = (body: { targets: { id: string }[] }) => body.targets.map(({ id }) => id);

/** Commands that Redis has executed, those of scripts included. https://redis.io/docs/latest/commands/info/ */
async function commandsOf({ redis }: ServerUnderTest): Promise<Map<string, number>> {
  const info = await redis.info('commandstats');
  return new Map(
    [...info.matchAll(/cmdstat_([^:]+):calls=(\d+)/g)].map(([, name = '', calls]) => [name, Number(calls)]),
  );
}

async function commandsFor(server: ServerUnderTest, url: string): Promise<Record<string, number>> {
  await call(server, url);
  const before = await commandsOf(server);
  expect((await call(server, url)).status).toBe(200);
  const after = await commandsOf(server);
  const used = [...after].map(([name, calls]) => [name, calls - (before.get(name) ?? 0)] as const);
  return Object.fromEntries(used.filter(([name, calls]) => calls > 0 && name !== 'info').sort());
}

describe('the first page of ten thousand targets', () => {
  let few: ServerUnderTest;
  let many: ServerUnderTest;
  beforeAll(async () => {
    few = await startUnderTest(ownRedis.url);
    many = await startUnderTest(ownRedis.url);
    await desire(few, 10);
    await desire(many, MANY);
  });
  afterAll(() => Promise.all([few.close(), many.close()]));

  it.each([
    '',
    '&project=lending',
    '&repository=github%2Facme%2Floans-2',
    '&environment=production',
    '&cluster=staging',
    '&state=queued',
    '&cluster=staging&state=queued&environment=production',
  ])('takes the same Redis commands as that of ten%s', async (filter) => {
    const url = `/api/targets?limit=1${filter}`;
    expect(await commandsFor(many, url)).toEqual(await commandsFor(few, url));
  });

  it('examines a bounded number of targets if no target matches both of two filters', async () => {
    const worker = targetOf('worker', 'live', 'github/acme/loans-0');
    await recordRelease(many, { ...worker, cluster: 'prod' }, { state: 'failed' });
    const url = '/api/targets?limit=100&cluster=staging&state=queued&repository=github%2Facme%2Floans-0';

    expect((await call(many, url)).body.targets).toEqual([]);
    const { zscore = 0 } = await commandsFor(many, url);
    expect(zscore).toBeLessThanOrEqual(1_000);
  });

  it('finds a target by its short name with the same commands as among ten', async () => {
    const url = '/api/targets/history?target=app00007%40production';
    expect(await commandsFor(many, url)).toEqual(await commandsFor(few, url));
  });
});

describe('pages of targets', () => {
  let server: ServerUnderTest;
  let targets: Target[];
  beforeAll(async () => {
    server = await startUnderTest(ownRedis.url);
    targets = await desire(server, 25);
  });
  afterAll(() => server.close());

  async function all(filter: string): Promise<string[]> {
    const found: string[] = [];
    let after = '';
    do {
      const { body } = await call(server, `/api/targets?limit=7${filter}${after}`);
      expect(body.targets.length).toBeLessThanOrEqual(7);
      found.push(...idsOf(body));
      after = body.next === undefined ? '' : `&after=${encodeURIComponent(body.next)}`;
    } while (after !== '');
    return found;
  }
  const sorted = (wanted: Target[]) => wanted.map(({ id }) => id).sort();

  it('have every target once, sorted by identity', async () => {
    expect(await all('')).toEqual(sorted(targets));
  });

  it('have the targets of a repository, a project, an environment and a cluster', async () => {
    const other = targetOf('web', 'live', 'github/acme/other');
    await recordRelease(server, other, { state: 'succeeded' });

    expect(await all('&repository=github%2Facme%2Floans-3')).toEqual(
      sorted(targets.filter(({ repository }) => repository.endsWith('-3'))),
    );
    expect(await all('&project=lending')).toEqual(sorted(targets));
    expect(await all('&project=other')).toEqual([other.id]);
    expect(await all('&project=other&repository=github%2Facme%2Floans-3')).toEqual([]);
    expect(await all('&project=unknown')).toEqual([]);
    expect(await all('&environment=live')).toEqual([other.id]);
    expect(await all('&cluster=staging')).toEqual(
      sorted(targets.filter(({ cluster }) => cluster === 'staging')),
    );
  });

  it('follow a target through its states, and to another cluster', async () => {
    const moving = targetOf('moving', 'production', 'github/acme/loans');
    const inState = async (state: ReleaseState) => (await all(`&state=${state}`)).includes(moving.id);

    await recordRelease(server, moving, { state: 'verifying' });
    expect([await inState('queued'), await inState('verifying')]).toEqual([false, true]);
    await recordRelease(server, moving, { state: 'failed' });
    expect([await inState('verifying'), await inState('failed')]).toEqual([false, true]);
    await server.desired.repeat(moving.id, { kind: 'manual' });
    expect([await inState('failed'), await inState('queued')]).toEqual([false, true]);
    expect(await all('&cluster=prod&repository=github%2Facme%2Floans')).toEqual([moving.id]);
    await recordRelease(server, { ...moving, cluster: 'staging' }, { state: 'succeeded' });
    expect(await all('&cluster=prod&repository=github%2Facme%2Floans')).toEqual([]);
    expect(await all('&cluster=staging&state=succeeded')).toEqual([moving.id]);
  });

  it('do not have a target of which nothing is left, whose history is still found by its short name', async () => {
    const gone = targetOf('gone', 'production', 'github/acme/loans');
    await recordRelease(server, gone, { state: 'succeeded', forgotten: true, endedAt: Date.now() });

    expect(await all('')).not.toContain(gone.id);
    expect(await all('&state=succeeded')).not.toContain(gone.id);
    const { body } = await call(server, '/api/targets/history?target=gone%40production');
    expect(body).toMatchObject({ target: gone.id, releases: [{ forgotten: true }] });
    await recordRelease(server, gone, { state: 'succeeded' });
    expect(await all('&state=succeeded')).toContain(gone.id);
  });

  it.each(['limit=0', 'limit=1001', 'state=lost'])('are refused for %s', async (query) => {
    expect(await call(server, `/api/targets?${query}`)).toMatchObject({
      status: 400,
      body: { code: 'USAGE' },
    });
  });
});

it('never reads a change set for a list or for the siblings of a page', async () => {
  const server = await startUnderTest(ownRedis.url);
  const targets = await desire(server, 20);
  for (const target of targets) {
    await recordRelease(server, target, { state: 'succeeded', changeSet: { changes: [] } });
  }
  const read = await whatWasRead(server, async () => {
    const [first] = await server.releases.history(targets[0]?.id ?? '', 1);
    if (!first) throw new Error('the test recorded no release');
    await call(server, '/api/targets');
    await server.composition.queries.siblings(first);
    await server.composition.queries.previous(first);
  });
  await server.close();

  expect(read.length).toBeGreaterThan(0);
  expect(read.filter((line) => line.includes(':changes:'))).toEqual([]);
});

/** The commands that Redis executes meanwhile. https://redis.io/docs/latest/commands/monitor/ */
async function whatWasRead({ redis }: ServerUnderTest, run: () => Promise<void>): Promise<string[]> {
  if ('nodes' in redis) throw new Error('the test needs a single Redis');
  const monitor = await redis.duplicate().monitor();
  const lines: string[] = [];
  monitor.on('monitor', (_time: string, args: string[]) => lines.push(args.join(' ')));
  await run();
  await expect.poll(() => lines.some((line) => line.startsWith('lrange'))).toBe(true);
  monitor.disconnect();
  return lines;
}
