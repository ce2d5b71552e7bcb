import { beforeEach, expect, it, onTestFinished } from 'vitest';
import { SlipwayError } from '../../../src/errors.ts';
import { createPlans } from '../../../src/planning/plans.ts';
import type { Plan, PlanRequests, Plans } from '../../../src/ports/planning.ts';
import { createPlanRequests } from '../../../src/store/plans.ts';
import { stateKeys } from '../../../src/store/state-keys.ts';
import { testRedis } from '../../support/redis.ts';
import { uniquePrefix } from '../../support/sandbox.ts';

const plan: Plan = {
  target: 'github/acme/loans//web@production',
  commit: 'c'.repeat(40),
  changeSet: { changes: [] },
};
const request = { target: 'web@production', ref: 'feature/v2' };
const neverAborts = new AbortController().signal;

let requests: PlanRequests;
let plans: Plans;
let redis: ReturnType<typeof testRedis>;
let keyOf: (id: string) => string;
/** Ids of requests, in the order in which a worker would take them. */
let enqueued: string[];

beforeEach(() => {
  redis = testRedis();
  onTestFinished(() => redis.disconnect());
  const keys = stateKeys(uniquePrefix('plans'));
  keyOf = keys.planRequest;
  requests = createPlanRequests(redis, keys);
  enqueued = [];
  plans = plansWithin(60_000);
});

function plansWithin(timeoutMs: number): Plans {
  return createPlans(requests, { enqueuePlan: async (id) => void enqueued.push(id) }, { timeoutMs });
}

/** The next request, as a worker finds it. */
async function taken(): Promise<string> {
  await expect.poll(() => enqueued.length).toBeGreaterThan(0);
  return enqueued.shift() ?? '';
}

it('waits for the plan and forgets the request then', async () => {
  const asked = plans.plan(request, neverAborts);
  const id = await taken();
  expect(await requests.read(id)).toMatchObject({ request, state: 'queued' });
  await requests.end(id, { value: plan });

  expect(await asked).toEqual(plan);
  expect(await requests.read(id)).toBeUndefined();
});

it('throws what the worker found, as the worker found it', async () => {
  const asked = plans.plan(request, neverAborts);
  const place = { file: 'slipway.yaml', line: 3 };
  const hint = 'Add the folder.';
  await requests.end(await taken(), {
    failure: { code: 'PATH_MISSING', summary: 'folder deploy/web does not exist', hint, place },
    retryAfterMs: 5,
  });

  const error = await asked.catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(SlipwayError);
  expect(error).toMatchObject({ code: 'PATH_MISSING', hint, place, retryAfterMs: 5, status: 422 });
});

it('cancels the request if the requester leaves', async () => {
  const leaving = new AbortController();
  const asked = plans.plan(request, leaving.signal);
  const id = await taken();
  leaving.abort(new Error('hung up'));

  await expect(asked).rejects.toThrow('hung up');
  expect(await requests.read(id)).toBeUndefined();
  expect(await requests.progress(id, 'planning')).toBe(false);
  await requests.end(id, { value: plan });
  expect(await requests.read(id)).toBeUndefined();
});

it('expires if the process of the requester dies', async () => {
  const id = await requests.create(request, 15_000);
  const left = await redis.pttl(keyOf(id));
  expect(left).toBeGreaterThan(0);
  expect(left).toBeLessThanOrEqual(15_000);
  await requests.progress(id, 'planning');
  expect(await redis.pttl(keyOf(id))).toBeLessThanOrEqual(left);
});

it.each([
  ['queued', /no plan worker took the request/, /slipway worker plan/],
  ['waiting', /it waited for other plans on the cluster/, /more plan workers/],
  ['planning', /the dry run was under way/, /Check the cluster/],
] as const)('says how far a request came that ends too late: %s', async (state, reason, hint) => {
  const asked = plansWithin(300).plan(request, neverAborts);
  const heard = asked.catch((thrown: unknown) => thrown);
  const id = await taken();
  await requests.progress(id, state);

  const error = await heard;
  expect(error).toMatchObject({
    code: 'PLAN_TIMEOUT',
    message: expect.stringMatching(reason),
    hint: expect.stringMatching(hint),
  });
  expect(await requests.read(id)).toBeUndefined();
});

it('says so if Redis has lost the request', async () => {
  const asked = plans.plan(request, neverAborts);
  const heard = expect(asked).rejects.toMatchObject({ code: 'PLAN_CANCELLED' });
  await redis.del(keyOf(await taken()));
  await heard;
});

it('lets a requester look again instead of waiting, and cancel', async () => {
  const id = await plans.request(request);
  expect(await plans.find(id)).toMatchObject({ id, request, state: 'queued', outcome: undefined });
  await requests.progress(id, 'planning');
  expect(await plans.find(id)).toMatchObject({ state: 'planning' });
  await requests.end(id, { value: plan });
  expect(await plans.find(id)).toMatchObject({ state: 'planned', outcome: { value: plan } });

  expect(await plans.cancel(id)).toBe(true);
  expect(await plans.cancel(id)).toBe(false);
  expect(await plans.find(id)).toBeUndefined();
});
