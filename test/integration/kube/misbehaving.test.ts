import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { SlipwayError } from '../../../src/errors.ts';
import { createCluster } from '../../../src/kube/cluster.ts';
import type { RenderedObject } from '../../../src/model/object.ts';
import { eventually } from '../../support/slipway.ts';
import { type FrontRequest, type Mischief, startFront } from './front.ts';
import {
  configMap,
  corePath,
  createNamespace,
  type Fixture,
  heldLease,
  lines,
  openRun,
  read,
  recordOf,
  release,
  rendered,
  startFixture,
  targetOf,
} from './release-setup.ts';

const front = await startFront();
const fixture = startFixture({ kubeconfig: front.kubeconfig });
/** A short retry budget, for a server that stays unreachable. */
const impatient = createCluster({ ...fixture.input, retryBudgetMs: 500 });
const { namespace } = fixture;
const signal = new AbortController().signal;
const options = { signal, checkLease: heldLease };

beforeAll(() => createNamespace(fixture));
afterEach(() => {
  front.mischief = () => undefined;
});
afterAll(async () => {
  await impatient.close();
  await front.close();
});

function alone(app: string): Fixture {
  return { ...fixture, target: targetOf(namespace, app) };
}

/** Interferes with the first `times` matching requests. */
function first(times: number, fits: (request: FrontRequest) => boolean, mischief: Mischief): () => number {
  let done = 0;
  front.mischief = (request) => {
    if (done >= times || !fits(request)) return undefined;
    done += 1;
    return mischief;
  };
  return () => done;
}

const applies = (name: string) => (request: FrontRequest) =>
  request.method === 'PATCH' && request.path.includes(`/configmaps/${name}?`);
const lists = (request: FrontRequest) => request.method === 'GET' && request.path.includes('labelSelector');

test.each<[string, Mischief]>([
  ['429 with Retry-After', { response: 429, headers: { 'retry-after': '0.1' } }],
  ['429 without Retry-After', { response: 429 }],
  ['500', { response: 500 }],
  ['503', { response: 503 }],
  ['a connection cut before the request was performed', { cut: 'before' }],
  ['a connection cut after the request was performed', { cut: 'after' }],
  ['a connection cut in the middle of the response', { cut: 'midway' }],
])('an apply that meets %s twice is completed and reported correctly', async (title, mischief) => {
  const name = title.toLowerCase().replace(/\W+/g, '-');
  const app = alone(name);
  const done = first(2, applies(name), mischief);
  const created = await release(app, [configMap(fixture, name, { a: '1' })]);
  expect(done()).toBe(2);
  first(2, applies(name), mischief);
  const configured = await release(app, [configMap(fixture, name, { a: '2' })]);

  expect(lines(created.applied)).toEqual([`created ConfigMap ${namespace}/${name}`]);
  expect(configured.applied).toMatchObject([
    { action: 'configured', fields: [{ path: 'data.a', before: '1', after: '2' }] },
  ]);
});

test('an apply whose response is lost is sent again, and reported correctly', async () => {
  const cluster = createCluster({ ...fixture.input, timeoutMs: 1_000 });
  const done = first(2, applies('silent'), { cut: 'silent' });

  const { applied } = await release({ ...alone('silent'), cluster }, [configMap(fixture, 'silent')]);

  expect(done()).toBe(2);
  expect(lines(applied)).toEqual([`created ConfigMap ${namespace}/silent`]);
  await cluster.close();
});

test('a request is repeated after Retry-After', async () => {
  const app = alone('patience');
  first(1, applies('patience'), { response: 429, headers: { 'retry-after': '1' } });
  const started = performance.now();

  await release(app, [configMap(fixture, 'patience')]);

  expect(performance.now() - started).toBeGreaterThan(1_000);
});

test('a list that is cut is read again, and nothing is pruned wrongly', async () => {
  const app = alone('list');
  const objects = ['list-a', 'list-b', 'list-c'].map((name) => configMap(fixture, name));
  await release(app, objects);
  const done = first(2, lists, { cut: 'midway' });

  const { applied, pruned } = await release(app, objects);

  expect(done()).toBe(2);
  expect(lines(applied).every((line) => line.startsWith('unchanged'))).toBe(true);
  expect(pruned).toEqual([]);
});

test('a list that keeps failing ends the release with a retryable error', async () => {
  const app = { ...alone('no-list'), cluster: impatient };
  await release(app, [configMap(fixture, 'no-list')]);
  first(Number.POSITIVE_INFINITY, lists, { response: 503 });

  const releasing = release(app, [configMap(fixture, 'no-list')]);

  await expect(releasing).rejects.toMatchObject({ code: 'CLUSTER_UNREACHABLE', retryable: true });
});

test('members that may not be listed end the prune with the missing right', async () => {
  const app = alone('unlisted');
  await release(app, [configMap(fixture, 'unlisted-a'), configMap(fixture, 'unlisted-b')]);
  first(Number.POSITIVE_INFINITY, lists, { response: 403 });

  const releasing = release(app, [configMap(fixture, 'unlisted-a')]);

  await expect(releasing).rejects.toMatchObject({
    code: 'CLUSTER_FORBIDDEN',
    message: `Slipway's account may not list configmaps in namespace ${namespace}, so nothing can be pruned`,
  });
  expect(await read(fixture, corePath(fixture, 'configmaps', 'unlisted-b'))).toBeDefined();
});

test('an API server that stays unreachable is a retryable error, and earlier changes are reported', async () => {
  const app = { ...alone('away'), cluster: impatient };
  const objects = [configMap(fixture, 'away-a'), configMap(fixture, 'away-b')];
  const run = await openRun(app);
  first(Number.POSITIVE_INFINITY, applies('away-b'), { cut: 'before' });

  const applying = run.apply(objects, options);

  await expect(applying).rejects.toMatchObject({ code: 'CLUSTER_UNREACHABLE', retryable: true });
  expect(lines(run.changes.changes)).toEqual([
    `created ConfigMap ${namespace}/away-a`,
    `failed ConfigMap ${namespace}/away-b`,
  ]);
});

test('an abort ends a wait at once with its own reason', async () => {
  const app = alone('abort');
  const controller = new AbortController();
  const reason = new SlipwayError('SUPERSEDED', 'superseded by abc');
  // Far longer than this test may take.
  const refusal: Mischief = { response: 503, headers: { 'retry-after': '3600' } };
  const refused = first(Number.POSITIVE_INFINITY, applies('abort'), refusal);
  const endless = createCluster({ ...fixture.input, retryBudgetMs: 7_200_000 });
  const run = await openRun({ ...app, cluster: endless });
  const applying = run.apply([configMap(fixture, 'abort')], { ...options, signal: controller.signal });
  const outcome = expect(applying).rejects.toBe(reason);
  await eventually('the refusal', async () => refused() === 1);

  controller.abort(reason);

  await outcome;
  await endless.close();
});

/** Held at the first check, then another run's. */
function lostAfterOneLook() {
  let looks = 0;
  return async () => {
    looks += 1;
    if (looks > 1) throw new SlipwayError('LEASE_LOST', 'another run has taken over');
  };
}

test('a run that lost its lease writes nothing more, and reports what it wrote', async () => {
  const app = alone('lease');
  const service = rendered({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'lease', namespace },
    spec: { ports: [{ port: 80 }] },
  });
  await release(app, [configMap(fixture, 'lease'), service]);
  const run = await openRun(app);
  const objects = [configMap(fixture, 'lease', { a: '2' }), renamed(service)];

  const applying = run.apply(objects, { signal, checkLease: lostAfterOneLook() });

  await expect(applying).rejects.toMatchObject({ code: 'LEASE_LOST' });
  expect(lines(run.changes.changes)).toEqual([
    `configured ConfigMap ${namespace}/lease`,
    `skipped Service ${namespace}/lease-2`,
  ]);
  expect(await read(fixture, corePath(fixture, 'services', 'lease-2'))).toBeUndefined();
});

function renamed({ object, source }: RenderedObject): RenderedObject {
  return {
    object: { ...object, metadata: { ...object.metadata, name: `${object.metadata.name}-2` } },
    source,
  };
}

test('a late write of a stalled run is refused by the API server', async () => {
  const app = alone('late');
  await release(app, [configMap(fixture, 'late', { a: '1' })]);
  const stalled = await openRun(app);
  await stalled.apply([configMap(fixture, 'late', { a: '1' })], options);
  await release(app, [configMap(fixture, 'late', { a: 'new' })]);

  const applying = stalled.apply([configMap(fixture, 'late', { a: 'old' })], {
    signal,
    checkLease: lostAfterOneLook(),
  });

  await expect(applying).rejects.toMatchObject({ code: 'LEASE_LOST' });
  expect((await read(fixture, corePath(fixture, 'configmaps', 'late')))?.data).toEqual({ a: 'new' });
});

test('a late record of a stalled run is refused by the API server', async () => {
  const app = alone('late-record');
  await release(app, [configMap(fixture, 'late-record')]);
  const stalled = await openRun(app);
  await (await openRun(app)).writeRecord(recordOf(app, 2), undefined, heldLease);
  const writing = stalled.writeRecord(recordOf(app, 1), undefined, lostAfterOneLook());

  await expect(writing).rejects.toMatchObject({ code: 'LEASE_LOST' });

  expect((await openRun(app)).record?.inForce?.number).toBe(2);
});
