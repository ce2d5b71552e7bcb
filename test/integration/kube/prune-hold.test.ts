import { beforeAll, expect, test } from 'vitest';
import type { RenderedObject } from '../../../src/model/object.ts';
import type { Prune } from '../../../src/model/target.ts';
import type { ClusterWork, PruneOptions } from '../../../src/ports/cluster.ts';
import { reasonOfChange } from '../../support/failures.ts';
import {
  configMap,
  corePath,
  createNamespace,
  type Fixture,
  heldLease,
  openRun,
  read,
  recordOf,
  release,
  rendered,
  startFixture,
  targetOf,
} from './release-setup.ts';

const fixture = startFixture();
const { namespace } = fixture;
const options = { signal: new AbortController().signal, checkLease: heldLease };

beforeAll(() => createNamespace(fixture));

function alone(app: string, prune?: Prune): Fixture {
  return { ...fixture, target: { ...targetOf(namespace, app), prune } };
}

function maps(app: string, count: number): RenderedObject[] {
  return Array.from({ length: count }, (_, index) => configMap(fixture, `${app}-${index}`));
}

/** A release of so many objects, then one of fewer. */
async function shrink(
  app: Fixture,
  from: number,
  to: number,
  more: { work?: Partial<ClusterWork>; prune?: Partial<PruneOptions> } = {},
) {
  const name = app.target.app;
  await release(app, maps(name, from));
  const run = await openRun(app, more.work);
  const left = maps(name, to);
  if (to > 0) await run.apply(left, options);
  const { changes } = await run.prune(left, { ...options, ...more.prune });
  await run.writeRecord(recordOf(app, 2), left, heldLease);
  const last = await read(fixture, corePath(fixture, 'configmaps', `${name}-${from - 1}`));
  return { changes, held: changes.filter((change) => change.held).length, isThere: last !== undefined };
}

test.each<[string, number, number, boolean, Prune | undefined, number | undefined]>([
  ['three of nine are more than 30 %: held', 9, 6, true, undefined, undefined],
  ['three of ten are not', 10, 7, false, undefined, undefined],
  ['two of two to go are too few to ask', 3, 1, false, undefined, undefined],
  [
    'a larger share of slipway.yaml lets more go',
    9,
    4,
    false,
    { maxShare: 0.6, propagation: 'background' },
    1,
  ],
  ['with a share of 0 % even one waits', 9, 8, true, { maxShare: 0, propagation: 'background' }, undefined],
  ['the operator bounds it', 9, 4, true, { maxShare: 0.6, propagation: 'background' }, 0.5],
])('%s', async (title, from, to, isHeld, prune, maxPruneShare) => {
  const app = alone(title.toLowerCase().replace(/\W+/g, '-').slice(0, 40), prune);

  const { held, isThere } = await shrink(app, from, to, { work: { maxPruneShare } });

  expect(held).toBe(isHeld ? from - to : 0);
  expect(isThere).toBe(isHeld);
});

test('held objects stay in the inventory, and are deleted once it is confirmed', async () => {
  const app = alone('confirmed');
  await shrink(app, 6, 2);
  const run = await openRun(app);
  await run.apply(maps('confirmed', 2), options);

  const { changes } = await run.prune(maps('confirmed', 2), { ...options, confirmed: true });

  expect(changes.map(({ action }) => action)).toEqual(['pruned', 'pruned', 'pruned', 'pruned']);
});

test('objects that are kept anyway do not count towards the share', async () => {
  const app = alone('kept');
  const keep = { annotations: { 'slipway.dev/prune': 'disabled' } };
  const kept = [1, 2, 3].map((index) => configMap(fixture, `kept-x${index}`, {}, keep));
  await release(app, [...maps('kept', 3), ...kept]);
  const run = await openRun(app);
  await run.apply(maps('kept', 1), options);

  const { changes } = await run.prune(maps('kept', 1), options);

  expect(changes.map(({ action }) => action).sort()).toEqual([
    'pruned',
    'pruned',
    'skipped',
    'skipped',
    'skipped',
  ]);
});

const argo = (option: string) => ({ annotations: { 'argocd.argoproj.io/sync-options': option } });

test('one object with Prune=confirm holds the prune, however few would be deleted', async () => {
  const app = alone('asks');
  const asks = configMap(fixture, 'asks-first', {}, argo('Prune=confirm'));
  await release(app, [...maps('asks', 8), asks]);
  const run = await openRun(app);
  await run.apply(maps('asks', 8), options);

  const { changes } = await run.prune(maps('asks', 8), options);
  const confirmed = await run.prune(maps('asks', 8), { ...options, confirmed: true });

  expect(changes).toMatchObject([
    {
      held: true,
      notice: { kind: 'held', summary: '1 object would be deleted, which a person must confirm' },
    },
  ]);
  expect(confirmed.changes).toMatchObject([{ action: 'pruned', ref: { name: 'asks-first' } }]);
});

test('Argo CD’s Delete=false keeps an object if its whole target is removed, and Prune=false if its file is', async () => {
  const app = alone('options');
  const undeleted = configMap(fixture, 'undeleted', {}, argo('Delete=false'));
  const unpruned = configMap(fixture, 'unpruned', {}, argo('Prune=false'));
  const both = configMap(fixture, 'both', {}, argo('Prune=false, Delete=false'));
  await release(app, [configMap(fixture, 'options-keep'), undeleted, unpruned, both]);
  const { pruned } = await release(app, [configMap(fixture, 'options-keep')]);
  expect(pruned.map(({ action, ref }) => `${action} ${ref.name}`).sort()).toEqual([
    'pruned undeleted',
    'skipped both',
    'skipped unpruned',
  ]);
  await release(app, [configMap(fixture, 'options-keep'), undeleted]);
  const run = await openRun(app);

  const { changes } = await run.prune([], { ...options, whole: true, confirmed: true });

  expect(changes.map(({ action, ref }) => `${action} ${ref.name}`).sort()).toEqual([
    'pruned options-keep',
    'pruned unpruned',
    'skipped both',
    'skipped undeleted',
  ]);
});

test('a whole target is deleted only if a person confirms it, however small it is', async () => {
  const app = alone('whole');
  const { held, isThere } = await shrink(app, 2, 0, { prune: { whole: true } });
  const run = await openRun(app);

  const { changes } = await run.prune([], { ...options, whole: true, confirmed: true });

  expect([held, isThere]).toEqual([2, true]);
  expect(changes.map(({ action }) => action)).toEqual(['pruned', 'pruned']);
});

test('with foreground propagation an object is deleted after what it owns', async () => {
  const { target } = alone('foreground', { maxShare: 1, propagation: 'foreground' });
  // The prune waits so long for what cannot go.
  const app = { ...fixture, target: { ...target, timeoutMs: 1_000 } };
  const owner = configMap(fixture, 'foreground-owner');
  await release(app, [configMap(fixture, 'foreground-keep'), owner]);
  const path = corePath(fixture, 'configmaps', 'foreground-owner');
  const uid = String((await read(fixture, path))?.metadata.uid);
  const reference = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    name: 'foreground-owner',
    uid,
    blockOwnerDeletion: true,
  };
  const owned = rendered({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: 'foreground-owned',
      ownerReferences: [reference],
      finalizers: ['test.example.com/hold'],
    },
  }).object;
  await fixture.admin.request({
    method: 'POST',
    path: `/api/v1/namespaces/${namespace}/configmaps`,
    body: owned,
  });

  const { pruned } = await release(app, [configMap(fixture, 'foreground-keep')]);

  expect(reasonOfChange(pruned[0])).toContain('it is being deleted');
  expect((await read(fixture, path))?.metadata.finalizers).toEqual(['foregroundDeletion']);
  await fixture.admin.request({
    method: 'PATCH',
    path: corePath(fixture, 'configmaps', 'foreground-owned'),
    contentType: 'application/merge-patch+json',
    body: { metadata: { finalizers: null } },
  });
});
