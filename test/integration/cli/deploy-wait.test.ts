import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { deployCommand } from '../../../src/cli/deploy.ts';
import type { Notice } from '../../../src/model/notice.ts';
import type { Release } from '../../../src/model/release.ts';
import { sandbox } from '../../support/sandbox.ts';
import {
  recordRelease,
  type ServerUnderTest,
  startUnderTest,
  TOKEN,
  targetOf,
} from '../server/server-under-test.ts';

const web = targetOf('web');
let server: ServerUnderTest;
let printed: string;
let noted: string;

beforeEach(async () => {
  server = await startUnderTest(sandbox().redisUrl);
  const url = await server.app.listen({ host: '127.0.0.1', port: 0 });
  await recordRelease(server, web, { state: 'succeeded', endedAt: Date.now() });
  for (const [name, value] of Object.entries({ SLIPWAY_URL: url, SLIPWAY_TOKEN: TOKEN, NO_COLOR: '1' }))
    vi.stubEnv(name, value);
  printed = '';
  noted = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    printed += String(chunk);
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockImplementation((chunk) => {
    noted += String(chunk);
    return true;
  });
});
afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  process.exitCode = undefined;
  await server.close();
});

const deploy = (...args: string[]) =>
  deployCommand().parseAsync(['web@production', ...args], { from: 'user' });

/** The desired revision that the command has written. */
async function desiredBy(): Promise<NonNullable<Awaited<ReturnType<typeof record>>>> {
  await expect.poll(async () => (await record())?.cause.kind).toBe('manual');
  const desired = await record();
  if (!desired) throw new Error('nothing is desired');
  return desired;
}

const record = async () => (await server.releases.record(web.id))?.desired;

const write = (release: Release, more: Partial<Release>) =>
  server.releases.write({ ...release, ...more }, 'run');

const waits = (summary: string): Notice => ({ kind: 'waiting', summary });

/** The deploy worker takes the target. */
async function started(): Promise<Release> {
  return server.releases.start(await desiredBy(), 0, 'run');
}

it('prints each state of the release and exits with 0 when it has succeeded', async () => {
  const waiting = deploy('--wait');
  const release = await started();
  await write(release, { state: 'verifying', notices: [waits('1 of 2 objects healthy')] });
  await expect.poll(() => printed).toContain('verifying  1 of 2 objects healthy\n');
  await write(release, { state: 'succeeded', summary: '1 configured', endedAt: release.startedAt + 2_400 });
  await waiting;

  expect(printed).toContain('github/acme/loans//web@production is queued at ');
  expect(printed).toContain('succeeded  1 configured\n');
  expect(printed).toContain('web@production #2 succeeded after 2.4 s\nhttps://slipway.example.com/releases/');
  expect(process.exitCode).toBeUndefined();
});

it('exits with 1 and prints the next step when the release has failed', async () => {
  const waiting = deploy('--wait');
  const release = await started();
  await write(release, {
    state: 'failed',
    failure: { code: 'UNHEALTHY', summary: 'image not found', hint: 'Correct the image.' },
    endedAt: Date.now(),
  });
  await waiting;

  expect(printed).toContain('failed  image not found\n');
  expect(printed).toContain('Correct the image.');
  expect(process.exitCode).toBe(1);
});

it('goes on waiting while the release is blocked', async () => {
  const waiting = deploy('--wait');
  const release = await started();
  await write(release, { state: 'blocked', notices: [waits('waits for db, which is in progress')] });
  await expect.poll(() => printed).toContain('blocked  waits for db');
  await write(release, { state: 'succeeded', endedAt: Date.now() });
  await waiting;

  expect(process.exitCode).toBeUndefined();
});

it('exits with 1 when a newer commit is deployed instead', async () => {
  const waiting = deploy('--wait');
  await desiredBy();
  await recordRelease(server, web, { state: 'applying' }, 'd'.repeat(40));
  await waiting;

  expect(printed).toContain('Superseded: web@production #2 deploys dddddddd');
  expect(process.exitCode).toBe(1);
});

it('reports that the release goes on if it does not end in time', async () => {
  await expect(deploy('--wait', '--timeout', '100ms')).rejects.toMatchObject({
    code: 'WAIT_TIMEOUT',
    message: expect.stringMatching(/has not begun after/),
    hint: expect.stringContaining('The release goes on'),
  });
});

it('reports that the release goes on if a person presses Ctrl-C', async () => {
  const waiting = deploy('--wait');
  await started();
  process.emit('SIGINT');
  await waiting;

  expect(noted).toContain(
    "No longer waiting. The release goes on: slipway history 'github/acme/loans//web@production'",
  );
  expect(process.exitCode).toBe(130);
});

it('prints nothing but the release with --json', async () => {
  const waiting = deploy('--wait', '--json');
  const release = await started();
  await write(release, { state: 'unchanged', endedAt: Date.now() });
  await waiting;

  expect(JSON.parse(printed)).toMatchObject({ id: release.id, state: 'unchanged' });
});

it('goes on waiting while the server does not respond', async () => {
  const waiting = deploy('--wait');
  const release = await started();
  const { history } = server.composition.queries;
  server.composition.queries.history = () => Promise.reject(new Error('Redis is away'));
  await expect.poll(() => noted).toContain('still waiting');
  server.composition.queries.history = history;
  await write(release, { state: 'succeeded', endedAt: Date.now() });
  await waiting;

  expect(noted.match(/still waiting/g)).toHaveLength(1);
  expect(printed).toContain('#2 succeeded');
});
