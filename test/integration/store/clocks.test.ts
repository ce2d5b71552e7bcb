import type { Redis } from 'ioredis';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { CommitReportKey } from '../../../src/model/commit-report.ts';
import { createCommitReportStore } from '../../../src/store/commit-reports.ts';
import { createDeliveries } from '../../../src/store/deliveries.ts';
import { createDesiredStore } from '../../../src/store/desired.ts';
import { createOutbox } from '../../../src/store/outbox.ts';
import { createRefusedReports } from '../../../src/store/refused-reports.ts';
import { createReleaseStore } from '../../../src/store/releases.ts';
import { createRepositoryStore } from '../../../src/store/repositories.ts';
import { type StateKeys, stateKeys } from '../../../src/store/state-keys.ts';
import { found } from '../../support/found.ts';
import { testRedis } from '../../support/redis.ts';
import { uniquePrefix } from '../../support/sandbox.ts';

const repository = 'github/acme/web';
const key: CommitReportKey = { repository, commit: 'one', scope: 'production' };
const web = found('web', 'one');

/** Longer than a test takes, and shorter than what the clocks differ by. */
const A_WHILE_MS = 300_000;

let redis: Redis;
let keys: StateKeys;
let prefix: string;

beforeEach(() => {
  redis = testRedis();
  prefix = uniquePrefix();
  keys = stateKeys(prefix);
  onTestFinished(() => redis.disconnect());
  onTestFinished(() => void vi.useRealTimers());
});

/** From here on, this process plays a machine whose clock is off. */
function onMachine(offMs: number): void {
  vi.useRealTimers();
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + offMs });
}

describe.each([
  ['slow', -600_000, 0],
  ['fast', 600_000, 0],
  ['right, and that of the reader is slow', 0, -600_000],
  ['right, and that of the reader is fast', 0, 600_000],
])('if the clock of the writing machine is %s', (_name, writer, reader) => {
  it.each<[string, (key: CommitReportKey) => Promise<unknown>]>([
    ['is opened', () => createCommitReportStore(redis, keys).open(key, 'main')],
    ['gets a line from a push', () => push()],
    ['gets a line from a release', () => release()],
  ])('a report that %s is left to its job for a while, and then swept', async (_change, change) => {
    const reports = createCommitReportStore(redis, keys);
    onMachine(writer);
    await change(key);

    onMachine(reader);
    expect(await reports.unsent(A_WHILE_MS)).toEqual([]);
    expect(await reports.unsent(0)).toEqual([key]);
    const { unsentMs } = await reports.begin(key);
    expect(unsentMs).toBeLessThan(A_WHILE_MS);
  });

  it('a delivery is left to its intake for a while, and then swept', async () => {
    const deliveries = createDeliveries(redis, { prefix, keepMs: A_WHILE_MS, keepCount: 5 });
    onMachine(writer);
    const from = { kind: 'webhook', forge: 'github', event: 'push', known: true } as const;
    await deliveries.accept([{ ...from, id: 'github:1', repository, receivedAt: Date.now() }]);

    onMachine(reader);
    // It also removes what is too old.
    await deliveries.accept([{ ...from, id: 'github:2', repository, receivedAt: Date.now() }]);
    expect(await deliveries.overdue(A_WHILE_MS)).toEqual([]);
    expect(await deliveries.overdue(0)).toEqual([repository]);
    const waiting = await deliveries.claim(repository);
    expect(waiting.map(({ id, waitedMs }) => [id, waitedMs < A_WHILE_MS])).toEqual([
      ['github:1', true],
      ['github:2', true],
    ]);
    expect((await deliveries.list({ limit: 5 })).map(({ id }) => id)).toEqual(['github:2', 'github:1']);
  });

  it('a look is left to its intake for a while, and then swept', async () => {
    const repositories = createRepositoryStore(redis, keys);
    onMachine(writer);
    await repositories.requestLook([repository]);

    onMachine(reader);
    expect(await repositories.overdueLooks(A_WHILE_MS)).toEqual([]);
    expect(await repositories.overdueLooks(0)).toEqual([repository]);
  });

  it('a repository whose statuses were refused is tried when it is due', async () => {
    const refused = createRefusedReports(redis, keys);
    onMachine(writer);
    await refused.refuse(key, null, { code: 'FORGE_REFUSED', summary: 'no' });

    onMachine(reader);
    expect(await refused.takeProbes('due')).toEqual([]);
    await redis.zincrby(keys.refusals, -60, repository);
    expect(await refused.takeProbes('due')).toEqual([key]);
  });

  it('a release says how long it was queued', async () => {
    onMachine(writer);
    await push();

    onMachine(reader);
    const { times } = await start();
    expect(times.queued).toBeLessThan(A_WHILE_MS);
  });

  it('an event is as old as it is', async () => {
    const outbox = createOutbox(redis, keys);
    const chat = await outbox.consumer('chat');
    await chat.hold();
    onMachine(writer);
    await push();

    onMachine(reader);
    const [event] = (await chat.next(10))?.events ?? [];
    const age = performance.now() - (event?.writtenAt ?? 0);
    expect(age).toBeGreaterThanOrEqual(0);
    expect(age).toBeLessThan(A_WHILE_MS);
  });
});

async function push(): Promise<void> {
  const desired = createDesiredStore(redis, keys);
  await desired.setDesired(repository, await desired.nextSequence(repository), [web]);
}

async function start() {
  const releases = createReleaseStore(redis, keys);
  await redis.set(keys.lease(web.target.id), 'run');
  const record = await releases.record(web.target.id);
  if (!record?.desired) throw new Error('nothing desired');
  return releases.start(record.desired, 0, 'run');
}

async function release(): Promise<void> {
  await push();
  const { state: _rendering, ...started } = await start();
  await redis.del(keys.unsent);
  await createReleaseStore(redis, keys).write({ ...started, state: 'failed' }, 'run', { changes: [] });
}
