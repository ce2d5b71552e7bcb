import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { SlipwayError } from '../../../src/errors.ts';
import type { ChangeSet } from '../../../src/model/change-set.ts';
import { type SharedRun, shareRun } from '../../../src/planning/share-run.ts';
import type { Permit } from '../../../src/ports/limiter.ts';
import type { PlanRuns } from '../../../src/ports/planning.ts';
import { createPlanRuns } from '../../../src/store/plans.ts';
import { type StateKeys, stateKeys } from '../../../src/store/state-keys.ts';
import { testRedis } from '../../support/redis.ts';
import { uniquePrefix } from '../../support/sandbox.ts';

let runs: PlanRuns;
let keys: StateKeys;
let redis: ReturnType<typeof testRedis>;
beforeEach(() => {
  redis = testRedis();
  onTestFinished(() => redis.disconnect());
  keys = stateKeys(uniquePrefix('plans'));
  runs = createPlanRuns(redis, keys);
});

const neverAborts = new AbortController().signal;
/** A permit that nobody counts. */
const permitted: Permit = { release: () => undefined, whileReleased: (wait) => wait() };
const changes = (number: number): ChangeSet => ({ changes: [], warnings: [`run ${number}`] });

/** Runs that end when the test lets them, and are counted. */
function heldRuns() {
  const begun: { end: (outcome?: Error) => void; signal: AbortSignal }[] = [];
  const run = (_permit: Permit, signal: AbortSignal) =>
    new Promise<ChangeSet>((resolve, reject) => {
      const number = begun.length + 1;
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      begun.push({ signal, end: (error) => (error ? reject(error) : resolve(changes(number))) });
    });
  const ask = async (more: Partial<SharedRun> = {}, signal = neverAborts) => {
    const since = await runs.now();
    return shareRun({ key: 'web', since, permit: async () => permitted, run, ...more }, runs, signal);
  };
  return { ask, begun };
}

const begins = (begun: unknown[], count: number) => expect.poll(() => begun.length).toBe(count);

it('runs once for all who ask before the run begins', async () => {
  const { ask, begun } = heldRuns();
  const permit = Promise.withResolvers<Permit>();
  const asked = [1, 2, 3].map(() => ask({ permit: () => permit.promise }));
  await Promise.all([runs.now(), runs.now()]);
  permit.resolve(permitted);
  await begins(begun, 1);
  begun[0]?.end();

  expect(await Promise.all(asked)).toEqual([changes(1), changes(1), changes(1)]);
  expect(begun).toHaveLength(1);
});

it('runs again, once, for those who ask while a run is under way', async () => {
  const { ask, begun } = heldRuns();
  const first = ask();
  await begins(begun, 1);
  const later = [ask(), ask()];
  begun[0]?.end();
  await begins(begun, 2);
  begun[1]?.end();

  expect(await first).toEqual(changes(1));
  expect(await Promise.all(later)).toEqual([changes(2), changes(2)]);
});

it('answers a request that accepts an older run with the last one', async () => {
  const { ask, begun } = heldRuns();
  const first = ask();
  await begins(begun, 1);
  begun[0]?.end();
  await first;

  const since = (await runs.now()) - 30_000;

  expect(await ask({ since })).toEqual(changes(1));
  expect(begun).toHaveLength(1);
});

it('keeps runs of different keys apart', async () => {
  const { ask, begun } = heldRuns();
  const both = [ask({ key: 'web' }), ask({ key: 'worker' })];
  await begins(begun, 2);
  for (const { end } of begun) end();

  expect(await Promise.all(both)).toHaveLength(2);
});

it('shares a failure with its hint and its place', async () => {
  const { ask, begun } = heldRuns();
  const place = { file: 'deploy/web.yaml', line: 7 };
  const failure = new SlipwayError('RENDER_FAILED', 'bad indentation', { hint: 'Indent it.', place });
  const permit = Promise.withResolvers<Permit>();
  const asked = [1, 2].map(() => ask({ permit: () => permit.promise }));
  const heard = Promise.allSettled(asked);
  permit.resolve(permitted);
  await begins(begun, 1);
  begun[0]?.end(failure);

  const reasons = (await heard).map((one) => (one.status === 'rejected' ? one.reason : undefined));
  for (const reason of reasons) {
    expect(reason).toMatchObject({
      code: 'RENDER_FAILED',
      message: 'bad indentation',
      hint: 'Indent it.',
      place,
    });
  }
  expect(begun).toHaveLength(1);
});

it('lets another one that waits take over from a run that is aborted', async () => {
  const { ask, begun } = heldRuns();
  const leaving = new AbortController();
  const permit = Promise.withResolvers<Permit>();
  const first = ask({ permit: () => permit.promise }, leaving.signal);
  const ended = expect(first).rejects.toThrow('gone');
  await expect.poll(() => redis.exists(keys.planClaim('web'))).toBe(1);
  const second = ask();
  permit.resolve(permitted);
  await begins(begun, 1);
  leaving.abort(new Error('gone'));
  await ended;
  await begins(begun, 2);
  begun[1]?.end();

  expect(await second).toEqual(changes(2));
});

it('lets one that waits leave at once', async () => {
  const { ask, begun } = heldRuns();
  void ask();
  await begins(begun, 1);
  const leaving = new AbortController();
  const second = ask({}, leaving.signal);
  leaving.abort(new Error('gone'));

  await expect(second).rejects.toThrow('gone');
});

it('takes over the claim of a process that died', async () => {
  const { ask, begun } = heldRuns();
  expect(await runs.claim('web', Date.now() * 2)).toMatchObject({ kind: 'claimed' });
  expect(await redis.pttl(keys.planClaim('web'))).toBeGreaterThan(1_000);
  const asked = ask();
  await redis.pexpire(keys.planClaim('web'), 1);
  await begins(begun, 1);
  begun[0]?.end();

  expect(await asked).toEqual(changes(1));
});

it('gives the permit back, whatever comes of the run', async () => {
  const { ask, begun } = heldRuns();
  let free = 1;
  const permit = async () => {
    free -= 1;
    const release = () => {
      free += 1;
    };
    return { ...permitted, release };
  };
  const good = ask({ permit });
  await begins(begun, 1);
  expect(free).toBe(0);
  begun[0]?.end();
  await good;
  const bad = expect(ask({ permit })).rejects.toThrow('no');
  await begins(begun, 2);
  begun[1]?.end(new Error('no'));
  await bad;

  expect(free).toBe(1);
});
