import { beforeAll, expect, test } from 'vitest';
import { partOfLabel } from '../../../src/kube/inventory/applyset.ts';
import { objectOf } from '../../../src/model/json.ts';
import type { JsonObject, KubeObject } from '../../../src/model/object.ts';
import type { ClusterWork, TakeoverRight } from '../../../src/ports/cluster.ts';
import { reasonOfChange } from '../../support/failures.ts';
import { kubectl } from '../../support/kubectl.ts';
import {
  configMap,
  corePath,
  createNamespace,
  type Fixture,
  heldLease,
  lines,
  openRun,
  read,
  release,
  rendered,
  startFixture,
  targetOf,
} from './release-setup.ts';

const fixture = startFixture();
const { namespace } = fixture;
const options = { signal: new AbortController().signal, checkLease: heldLease };

beforeAll(() => createNamespace(fixture));

const alone = (app: string, adopt = false): Fixture => ({
  ...fixture,
  target: { ...targetOf(namespace, app), adopt },
});
const liveMap = (name: string) => read(fixture, corePath(fixture, 'configmaps', name));

/** What the release use case returns about an object of the owner, and for which objects it was asked. */
function answering(takeoverRight: TakeoverRight) {
  const asked = new Set<string>();
  const work: Partial<ClusterWork> = {
    takeoverRight: async (owner, object) => {
      asked.add(`${owner} ${object.name}`);
      return takeoverRight;
    },
  };
  return { asked: () => [...asked].sort(), work };
}

async function parentOf({ target }: Fixture): Promise<KubeObject | undefined> {
  const args = ['get', 'configmaps', '-n', fixture.input.stateNamespace, '-o', 'json'];
  const { items } = JSON.parse(await kubectl(args)) as { items: KubeObject[] };
  return items.find(
    ({ metadata }) => (metadata.annotations as JsonObject)['slipway.dev/target'] === target.id,
  );
}

test('the objects of a removed target move to its successor unchanged, and its parent is deleted', async () => {
  const [old, next] = [alone('old'), alone('next')];
  await release(old, [configMap(fixture, 'moved', { keep: '1', drop: '1' }), configMap(fixture, 'moved-2')]);
  const before = await liveMap('moved');
  const { asked, work } = answering('granted');

  const { applied } = await release(
    next,
    [configMap(fixture, 'moved', { keep: '1' }), configMap(fixture, 'moved-2')],
    work,
  );
  const run = await openRun(old);
  const { changes } = await run.prune([], { ...options, whole: true });
  const isForgotten = await run.forget(run.record, heldLease);

  expect(lines(applied)).toEqual([
    `configured ConfigMap ${namespace}/moved`,
    `configured ConfigMap ${namespace}/moved-2`,
  ]);
  expect(reasonOfChange(applied[0])).toBe(`taken over from target ${old.target.id}`);
  expect(asked()).toEqual([`${old.target.id} moved`, `${old.target.id} moved-2`]);
  const after = await liveMap('moved');
  expect(after?.metadata.uid).toBe(before?.metadata.uid);
  expect(after?.data).toEqual({ keep: '1' });
  expect(after?.metadata.managedFields).toMatchObject([{ manager: 'slipway', operation: 'Apply' }]);
  expect([changes, isForgotten]).toEqual([[], true]);
  expect(await parentOf(old)).toBeUndefined();
});

test('the label of one set changes to that of the other in one write', async () => {
  const old = alone('labelled');
  await release(old, [configMap(fixture, 'labelled')]);
  const before = await liveMap('labelled');
  const since = String(before?.metadata.resourceVersion);

  await release(alone('labelled-next'), [configMap(fixture, 'labelled')], answering('granted').work);

  const path = `/api/v1/namespaces/${namespace}/configmaps?watch=1&timeoutSeconds=1&resourceVersion=${since}`;
  const events = (await kubectl(['get', '--raw', `${path}&fieldSelector=metadata.name=labelled`]))
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as { type: string; object: KubeObject });
  const sets = [before, await liveMap('labelled')].map(
    (live) => objectOf(live?.metadata.labels)[partOfLabel],
  );
  expect(new Set(sets).size).toBe(2);
  expect(events.map(({ type, object }) => [type, objectOf(object.metadata.labels)[partOfLabel]])).toEqual([
    ['MODIFIED', sets[1]],
  ]);
});

test('objects that the successor does not render stay held, and only they stay in the old inventory', async () => {
  const [old, next] = [alone('split'), alone('split-next')];
  const secret = rendered({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'split', namespace } });
  await release(old, [configMap(fixture, 'split'), secret]);
  await release(next, [configMap(fixture, 'split')], answering('granted').work);

  const run = await openRun(old);
  const { changes } = await run.prune([], { ...options, whole: true });
  const isForgotten = await run.forget(run.record, heldLease);

  expect(changes).toMatchObject([{ action: 'skipped', held: true, ref: { kind: 'Secret', name: 'split' } }]);
  expect(isForgotten).toBe(false);
  const parent = await parentOf(old);
  expect(parent?.metadata.annotations).toMatchObject({
    'applyset.kubernetes.io/contains-group-kinds': 'Secret',
  });
  expect(JSON.stringify(parent?.data)).toContain('number');
});

test.each<[TakeoverRight, RegExp]>([
  [
    'active',
    /^Remove it here; or remove it from active@\S+ of github\/acme\/loans, and it moves here without being deleted; or write adopt: true/,
  ],
  ['unknown', /^Correct unknown@\S+ of github\/acme\/loans first: its files cannot be rendered/],
  ['foreign', /^Remove it here or there; or write adopt: true for app foreign-next/],
])('an owner that is %s keeps its objects, and the hint says what to do', async (takeoverRight, hint) => {
  await release(alone(takeoverRight), [configMap(fixture, takeoverRight, { by: 'first' })]);

  const { applied } = await release(
    alone(`${takeoverRight}-next`),
    [configMap(fixture, takeoverRight, { by: 'next' })],
    answering(takeoverRight).work,
  );

  expect(applied).toMatchObject([
    {
      action: 'failed',
      failure: {
        hint: expect.stringMatching(hint),
        details: { owner: { target: alone(takeoverRight).target.id } },
      },
    },
  ]);
  expect((await liveMap(takeoverRight))?.data).toEqual({ by: 'first' });
});

test('an app that meets no owned objects asks for no takeover right', async () => {
  const { asked, work } = answering('granted');
  await release(alone('quiet'), [configMap(fixture, 'quiet')], work);
  await release(
    alone('quiet'),
    [configMap(fixture, 'quiet', { a: '1' }), configMap(fixture, 'quiet-2')],
    work,
  );
  expect(asked()).toEqual([]);
});

test('a Job that succeeded and was cleaned up does not run again in the successor', async () => {
  const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'job', image: 'job:v1' }] } };
  const job = rendered({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'once', namespace },
    spec: { template, ttlSecondsAfterFinished: 3_600 },
  });
  const settings = configMap(fixture, 'once');
  await release(alone('once'), [job, settings]);
  // As its time to live does.
  await fixture.admin.request({ method: 'DELETE', path: `/apis/batch/v1/namespaces/${namespace}/jobs/once` });
  await expect.poll(() => read(fixture, `/apis/batch/v1/namespaces/${namespace}/jobs/once`)).toBeUndefined();

  const { applied } = await release(alone('once-next'), [job, settings], answering('granted').work);

  expect(lines(applied).sort()).toEqual([
    `configured ConfigMap ${namespace}/once`,
    `unchanged Job ${namespace}/once`,
  ]);
  expect(await read(fixture, `/apis/batch/v1/namespaces/${namespace}/jobs/once`)).toBeUndefined();
});

/** A hook of Helm's, as a ConfigMap: it has done its work when it exists. */
const helmHook = (name: string, moment: string) =>
  configMap(fixture, name, {}, { annotations: { 'helm.sh/hook': moment } });
/** The hooks that run before and after the first release of an app, and before a later one. */
const helmHooks = (app: string) => [
  helmHook(`${app}-pre`, 'pre-install'),
  helmHook(`${app}-post`, 'post-install'),
  helmHook(`${app}-upgrade`, 'pre-upgrade'),
];
const ranOf = async (app: string) => {
  const names = ['pre', 'post', 'upgrade'];
  const found = await Promise.all(names.map((name) => liveMap(`${app}-${name}`)));
  return names.filter((_, i) => found[i]);
};

async function releaseWithHooks(app: Fixture, objects: Parameters<typeof release>[1], work = {}) {
  const run = await openRun(app, work);
  const { changes } = await run.apply(objects, options);
  expect(changes.filter(({ action }) => action === 'failed')).toEqual([]);
  await run.runHooks('post-deploy', objects, options);
}

test('a new app runs its hooks for an installation', async () => {
  await releaseWithHooks(alone('brand-new'), [configMap(fixture, 'brand-new'), ...helmHooks('brand-new')]);
  expect(await ranOf('brand-new')).toEqual(['pre', 'post']);
});

test('an app that takes objects over is upgraded, also in an attempt after one that was interrupted', async () => {
  const objects = [configMap(fixture, 'renamed'), ...helmHooks('renamed')];
  await release(alone('renamed'), [configMap(fixture, 'renamed')]);
  const interrupted = await openRun(alone('renamed-next'), answering('granted').work);
  await interrupted.apply(objects, options);

  await releaseWithHooks(alone('renamed-next'), objects, answering('granted').work);

  expect(await ranOf('renamed')).toEqual(['upgrade']);
});

test('an app that is adopted from Helm is upgraded', async () => {
  const metadata = {
    name: 'from-helm',
    annotations: { 'meta.helm.sh/release-name': 'web', 'meta.helm.sh/release-namespace': namespace },
  };
  const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata };
  await fixture.admin.request({ method: 'POST', path: `/api/v1/namespaces/${namespace}/configmaps`, body });

  const app = alone('adopting', true);
  await releaseWithHooks(app, [configMap(fixture, 'from-helm'), ...helmHooks('adopting')]);

  expect(await ranOf('adopting')).toEqual(['upgrade']);
});
