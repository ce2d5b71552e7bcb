import { beforeAll, expect, test } from 'vitest';
import { partOfLabel } from '../../../src/kube/inventory/applyset.ts';
import type { JsonObject } from '../../../src/model/object.ts';
import { uniqueNamespace } from '../../support/sandbox.ts';
import {
  configMap,
  corePath,
  createNamespace,
  type Fixture,
  heldLease,
  lines,
  namespaceObject,
  openRun,
  patch,
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

function alone(app: string): Fixture {
  return { ...fixture, target: targetOf(namespace, app) };
}

/** Its prune does not wait long for what stays. */
function impatient(app: string): Fixture {
  return { ...fixture, target: { ...targetOf(namespace, app), timeoutMs: 1_000 } };
}

/** A release of two ConfigMaps, then one without the second. */
async function dropSecond(app: string, metadata: JsonObject = {}, between?: (path: string) => Promise<void>) {
  const keep = configMap(fixture, `${app}-keep`);
  await release(alone(app), [keep, configMap(fixture, `${app}-drop`, {}, metadata)]);
  const path = corePath(fixture, 'configmaps', `${app}-drop`);
  await between?.(path);
  const { pruned } = await release(alone(app), [keep]);
  return { pruned, left: await read(fixture, path) };
}

test('an object whose file is gone is deleted', async () => {
  const { pruned, left } = await dropSecond('gone');
  expect(lines(pruned)).toEqual([`pruned ConfigMap ${namespace}/gone-drop`]);
  expect(left).toBeUndefined();
});

test('an object whose kind or namespace no file uses any more is still found and deleted', async () => {
  const other = uniqueNamespace('other');
  await createNamespace(fixture, other);
  const account = {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'lonely', namespace: other },
  };
  const keep = configMap(fixture, 'lonely-keep');
  await release(alone('lonely'), [keep, rendered(account)]);

  const { pruned } = await release(alone('lonely'), [keep]);

  expect(lines(pruned)).toEqual([`pruned ServiceAccount ${other}/lonely`]);
  await fixture.admin.request({ method: 'DELETE', path: `/api/v1/namespaces/${other}` });
});

test.each<[string, JsonObject, RegExp]>([
  ['own', { 'slipway.dev/prune': 'disabled' }, /slipway.dev\/prune: disabled/],
  ['misspelt', { 'slipway.dev/prune': 'Disabled' }, /slipway.dev\/prune: Disabled/],
  ['argo', { 'argocd.argoproj.io/sync-options': 'Replace=true, Prune=false' }, /Prune=false/],
  ['flux', { 'kustomize.toolkit.fluxcd.io/prune': 'disabled' }, /fluxcd/],
  ['flux-reconcile', { 'kustomize.toolkit.fluxcd.io/reconcile': 'Disabled' }, /reconcile: disabled/],
  ['helm', { 'helm.sh/resource-policy': ' Keep ' }, /helm.sh\/resource-policy: keep/],
  ['kapp', { 'kapp.k14s.io/delete-strategy': 'orphan' }, /kapp/],
  ['kpt', { 'cli-utils.sigs.k8s.io/on-remove': 'keep' }, /on-remove: keep/],
  ['config-sync', { 'client.lifecycle.config.k8s.io/deletion': 'detach' }, /deletion: detach/],
])(
  'an object with the keep-annotation of %s stays, and the reason names it',
  async (app, annotations, reason) => {
    const { pruned, left } = await dropSecond(app, { annotations });
    expect(pruned).toMatchObject([{ action: 'skipped', notice: { summary: expect.stringMatching(reason) } }]);
    expect(left).toBeDefined();
  },
);

test('an object that has Flux’s keep label stays', async () => {
  const { left } = await dropSecond('flux-label', {
    labels: { 'kustomize.toolkit.fluxcd.io/prune': 'disabled' },
  });
  expect(left).toBeDefined();
});

test('an object that only has the set’s label stays, since anybody can set a label', async () => {
  const name = 'copied';
  const app = alone('label');
  const keep = configMap(fixture, 'label-keep');
  await release(app, [keep]);
  const labels = (await read(fixture, corePath(fixture, 'configmaps', 'label-keep')))?.metadata.labels;
  const id = (labels as Record<string, string>)[partOfLabel] ?? '';
  const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, labels: { [partOfLabel]: id } } };
  await fixture.admin.request({ method: 'POST', path: `/api/v1/namespaces/${namespace}/configmaps`, body });

  const { pruned } = await release(app, [keep]);

  expect(pruned).toMatchObject([
    { action: 'skipped', notice: { summary: expect.stringContaining('did not apply it') } },
  ]);
  expect(await read(fixture, corePath(fixture, 'configmaps', name))).toBeDefined();
});

test('objects with a copied label are neither reported nor a reason to keep the parent', async () => {
  const app = alone('copies');
  const service = rendered({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'copies', namespace },
    spec: { selector: { app: 'copies' }, ports: [{ port: 80 }] },
  });
  const slice = rendered({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'own', namespace },
    addressType: 'IPv4',
    endpoints: [{ addresses: ['10.1.2.3'] }],
  });
  const slices = `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`;
  await release(app, [service, slice]);
  const ofSet = { labelSelector: partOfLabel };
  await expect
    .poll(async () => (await fixture.admin.request({ path: slices, query: ofSet })).body.items)
    .toHaveLength(2);

  const { pruned } = await release(app, [service, slice]);
  const run = await openRun(app);
  const whole = await run.prune([], { ...options, whole: true, confirmed: true });

  expect(pruned).toEqual([]);
  expect(lines(whole.changes).sort()).toEqual([
    `pruned EndpointSlice ${namespace}/own`,
    `pruned Service ${namespace}/copies`,
  ]);
  expect(await run.forget(undefined, heldLease)).toBe(true);
});

test('an object that somebody removed from the set stays', async () => {
  const { left } = await dropSecond('unlabelled', {}, (path) =>
    patch(fixture, path, { metadata: { labels: null } }),
  );
  expect(left).toBeDefined();
});

test('an object that belongs to another object stays', async () => {
  const owner = await read(fixture, `/api/v1/namespaces/${namespace}`);
  const reference = {
    apiVersion: 'v1',
    kind: 'Namespace',
    name: namespace,
    uid: String(owner?.metadata.uid),
  };
  const { pruned, left } = await dropSecond('owned', {}, (path) =>
    patch(fixture, path, { metadata: { ownerReferences: [reference] } }),
  );
  expect(pruned).toMatchObject([
    { action: 'skipped', notice: { kind: 'kept', summary: `it belongs to Namespace ${namespace}` } },
  ]);
  expect(left).toBeDefined();
});

test('a Namespace and a PersistentVolumeClaim are deleted only with slipway.dev/prune: allowed', async () => {
  const app = alone('protected');
  const [kept, gone] = [uniqueNamespace('kept'), uniqueNamespace('gone')];
  const claim = rendered({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'data', namespace },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  });
  const keep = configMap(fixture, 'protected-keep');
  await release(app, [
    keep,
    claim,
    namespaceObject(kept),
    namespaceObject(gone, { 'slipway.dev/prune': 'allowed' }),
  ]);

  const { pruned } = await release(app, [keep]);

  expect(lines(pruned)).toEqual([
    `skipped PersistentVolumeClaim ${namespace}/data`,
    expect.stringMatching(/Namespace/),
    expect.stringMatching(/Namespace/),
  ]);
  expect((await read(fixture, `/api/v1/namespaces/${kept}`))?.metadata.deletionTimestamp).toBeUndefined();
  expect(
    (await read(fixture, `/api/v1/namespaces/${gone}`))?.metadata.deletionTimestamp ?? 'gone',
  ).toBeTruthy();
  await fixture.admin.request({ method: 'DELETE', path: `/api/v1/namespaces/${kept}` });
});

test('an empty app deletes nothing, and its members stay in the inventory', async () => {
  const app = alone('empty');
  await release(app, [configMap(fixture, 'empty-a')]);

  const { pruned } = await release(app, []);
  const later = await release(app, [configMap(fixture, 'empty-b')]);

  expect(pruned).toMatchObject([
    { action: 'skipped', notice: { summary: expect.stringContaining('no objects left') } },
  ]);
  expect(lines(later.pruned)).toEqual([`pruned ConfigMap ${namespace}/empty-a`]);
});

test('nothing is deleted after an object failed', async () => {
  const app = alone('failed');
  await release(app, [configMap(fixture, 'failed-a')]);
  const run = await openRun(app);
  const objects = [configMap(fixture, 'failed-b', {}, { labels: { bad: 'not valid!' } })];

  await run.apply(objects, options);
  const { changes } = await run.prune(objects, options);

  expect(changes).toMatchObject([
    { action: 'skipped', notice: { kind: 'kept', summary: 'not every object was applied' } },
  ]);
  expect(await read(fixture, corePath(fixture, 'configmaps', 'failed-a'))).toBeDefined();
});

test('a prune without an apply deletes nothing', async () => {
  const app = alone('prune-only');
  await release(app, [configMap(fixture, 'prune-only-a'), configMap(fixture, 'prune-only-b')]);
  const run = await openRun(app);

  const { changes } = await run.prune([configMap(fixture, 'prune-only-a')], options);

  expect(lines(changes)).toEqual([`skipped ConfigMap ${namespace}/prune-only-b`]);
});

test('an object that is removed from the set while a release runs stays', async () => {
  const app = alone('leaving-set');
  const keep = configMap(fixture, 'leaving-set-keep');
  await release(app, [keep, configMap(fixture, 'leaving-set-drop')]);
  const run = await openRun(app);
  await run.apply([keep], options);
  const path = corePath(fixture, 'configmaps', 'leaving-set-drop');
  await patch(fixture, path, { metadata: { labels: null } });

  const { changes } = await run.prune([keep], options);

  expect(changes).toMatchObject([
    { action: 'skipped', notice: { kind: 'kept', summary: 'it no longer has the label of this app' } },
  ]);
  expect(await read(fixture, path)).toBeDefined();
});

test('an object whose file moved to another API group stays, because it is the same object', async () => {
  const app = alone('moved');
  const metadata = { name: 'moved', namespace };
  const involved = { apiVersion: 'v1', kind: 'Namespace', name: namespace, namespace };
  const old = { apiVersion: 'v1', kind: 'Event', metadata, involvedObject: involved, reason: 'Moved' };
  const now = {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata,
    regarding: involved,
    reason: 'Moved',
  };
  await release(app, [rendered(old)]);

  const { applied, pruned } = await release(app, [rendered(now)]);

  expect(lines(applied)).toEqual([`configured Event ${namespace}/moved`]);
  expect(pruned).toEqual([]);
  expect(await read(fixture, corePath(fixture, 'events', 'moved'))).toBeDefined();
});

test('an object that somebody recreated under the same name stays', async () => {
  const app = alone('again');
  const keep = configMap(fixture, 'again-keep');
  await release(app, [keep, configMap(fixture, 'again-drop')]);
  const run = await openRun(app);
  await run.apply([keep], options);
  const path = corePath(fixture, 'configmaps', 'again-drop');
  await fixture.admin.request({ method: 'DELETE', path });
  const body = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'again-drop' },
    data: { by: 'hand' },
  };
  await fixture.admin.request({ method: 'POST', path: `/api/v1/namespaces/${namespace}/configmaps`, body });

  await run.prune([keep], options);

  expect((await read(fixture, path))?.data).toEqual({ by: 'hand' });
});

test('objects of the next wave stay until an object that hangs is gone', async () => {
  const app = { ...alone('hanging'), target: { ...targetOf(namespace, 'hanging'), timeoutMs: 100 } };
  const keep = configMap(fixture, 'hanging-keep');
  const later = { finalizers: ['example.com/hold'], annotations: { 'slipway.dev/wave': '1' } };
  const object = configMap(fixture, 'hanging-object', {}, later);
  await release(app, [keep, configMap(fixture, 'hanging-operator'), object]);

  const first = await release(app, [keep]);
  const again = await release(app, [keep]);
  await patch(fixture, corePath(fixture, 'configmaps', 'hanging-object'), { metadata: { finalizers: null } });
  const last = await release(app, [keep]);

  const operator = { ref: { name: 'hanging-operator' } };
  const waits = `until ConfigMap ${namespace}/hanging-object, which goes before it, is gone`;
  expect(first.pruned).toMatchObject([
    { action: 'pruned', stays: true, notice: { summary: expect.stringContaining('example.com/hold') } },
    { ...operator, action: 'skipped', stays: true, notice: { kind: 'kept', summary: waits } },
  ]);
  expect(again.pruned).toMatchObject([
    { action: 'skipped', stays: true },
    { ...operator, notice: { kind: 'kept', summary: waits } },
  ]);
  expect(last.pruned).toMatchObject([{ ...operator, action: 'pruned' }]);
});

test('an object that cannot be deleted is reported, and stays in the inventory until it is gone', async () => {
  const app = impatient('stuck');
  const keep = configMap(fixture, 'stuck-keep');
  const account = (finalizers: string[]) =>
    rendered({
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: 'stuck', namespace, finalizers },
    });
  await release(app, [keep, account(['example.com/hold'])]);

  const { pruned, run } = await release(app, [keep]);
  const inventory = await parentAnnotations(app);
  await patch(fixture, corePath(fixture, 'serviceaccounts', 'stuck'), { metadata: { finalizers: null } });
  await release(app, [keep]);

  expect(pruned).toMatchObject([
    {
      action: 'pruned',
      notice: { kind: 'being-deleted', summary: 'it is being deleted, held up by example.com/hold' },
    },
  ]);
  expect(run.changes.changes).toHaveLength(2);
  expect(inventory).toBe('ConfigMap,ServiceAccount');
  expect(await parentAnnotations(app)).toBe('ConfigMap');
});

async function parentAnnotations(app: Fixture): Promise<string> {
  const response = await fixture.admin.request({
    path: `/api/v1/namespaces/${fixture.input.stateNamespace}/configmaps`,
  });
  const items = response.body.items as { metadata: { annotations?: Record<string, string> } }[];
  const parent = items.find((item) => item.metadata.annotations?.['slipway.dev/target'] === app.target.id);
  return parent?.metadata.annotations?.['applyset.kubernetes.io/contains-group-kinds'] ?? '';
}
