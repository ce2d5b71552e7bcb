import { beforeAll, expect, test, vi } from 'vitest';
import {
  applySetId,
  earlierParentName,
  inventoryOf,
  parentName,
  partOfLabel,
} from '../../../src/kube/inventory/applyset.ts';
import { newParent } from '../../../src/kube/inventory/parent.ts';
import { writeParent } from '../../../src/kube/inventory/parent-requests.ts';
import type { JsonObject } from '../../../src/model/object.ts';
import { targetId } from '../../../src/model/target.ts';
import { kubectl } from '../../support/kubectl.ts';
import {
  configMap,
  createNamespace,
  type Fixture,
  heldLease,
  namespaceObject,
  openRun,
  patch,
  read,
  recordOf,
  release,
  rendered,
  startFixture,
  targetOf,
} from './release-setup.ts';

const fixture = startFixture();
const { namespace } = fixture;
const { stateNamespace } = fixture.input;
const options = { signal: new AbortController().signal, checkLease: heldLease };

beforeAll(() => createNamespace(fixture));

function alone(app: string): Fixture {
  return { ...fixture, target: targetOf(namespace, app) };
}

function pathOf(app: Fixture): string {
  return `/api/v1/namespaces/${stateNamespace}/configmaps/${parentName(app.target, app.target.id)}`;
}

interface ParentMeta {
  resourceVersion: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
}

async function parentOf(app: Fixture): Promise<ParentMeta> {
  const parent = await read(fixture, pathOf(app));
  return parent?.metadata as unknown as ParentMeta;
}

test('the parent carries the annotations of the specification and the identity', async () => {
  const app = alone('annotated');
  const service = rendered({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'annotated', namespace },
    spec: { ports: [{ port: 80 }] },
  });

  await release(app, [service, configMap(fixture, 'annotated')]);

  const { annotations, labels } = await parentOf(app);
  expect(annotations).toEqual({
    'applyset.kubernetes.io/tooling': expect.stringMatching(/^slipway\/\d+\.\d+\.\d+/),
    'applyset.kubernetes.io/contains-group-kinds': 'ConfigMap,Service',
    'applyset.kubernetes.io/additional-namespaces': namespace,
    'slipway.dev/target': app.target.id,
  });
  expect(labels['applyset.kubernetes.io/id']).toMatch(/^applyset-[\w-]{43}-v1$/);
});

test('kubectl selects exactly the objects of the app by its label', async () => {
  const app = alone('selected');
  await release(app, [configMap(fixture, 'selected-a'), configMap(fixture, 'selected-b')]);
  await release(alone('other'), [configMap(fixture, 'other-a')]);
  const id = (await parentOf(app)).labels['applyset.kubernetes.io/id'];

  const listed = await kubectl([
    'get',
    'configmaps',
    '-n',
    namespace,
    '-l',
    `${partOfLabel}=${id}`,
    '-o',
    'name',
  ]);

  expect(listed.trim().split('\n')).toEqual(['configmap/selected-a', 'configmap/selected-b']);
});

test('kubectl refuses to use the parent, because it is not its own', async () => {
  const app = alone('refused');
  await release(app, [configMap(fixture, 'refused')]);
  const parent = `configmaps/${parentName(app.target, app.target.id)}`;
  const manifest = JSON.stringify(configMap(fixture, 'by-kubectl').object);
  const args = ['apply', '-n', stateNamespace, '--prune', `--applyset=${parent}`, '--server-side', '-f', '-'];
  vi.stubEnv('KUBECTL_APPLYSET', 'true');

  await expect(kubectl(args, manifest)).rejects.toThrow(
    /is managed by tooling "slipway" instead of "kubectl"/,
  );
});

test('the parent covers old and new kinds before the first object is applied, and only the new ones after the prune', async () => {
  const app = alone('superset');
  await release(app, [configMap(fixture, 'superset')]);
  const account = rendered({
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'superset', namespace },
  });
  const run = await openRun(app);
  const kinds = async () => (await parentOf(app)).annotations['applyset.kubernetes.io/contains-group-kinds'];
  const seen: unknown[] = [];
  const checkLease = async () => void seen.push(await kinds());

  await run.apply([account], { ...options, checkLease });
  const applied = await kinds();
  await run.prune([account], options);
  await run.writeRecord(recordOf(app), [account], heldLease);

  expect(seen.at(-1)).toBe('ConfigMap,ServiceAccount');
  expect(applied).toBe('ConfigMap,ServiceAccount');
  expect(await kinds()).toBe('ServiceAccount');
});

test('a release that adds no kind writes the parent once, with the record', async () => {
  const app = alone('once');
  await release(app, [configMap(fixture, 'once', { a: '1' })]);
  const before = (await parentOf(app)).resourceVersion;
  const run = await openRun(app);

  await run.apply([configMap(fixture, 'once', { a: '2' })], options);

  expect((await parentOf(app)).resourceVersion).toBe(before);
});

test('the record is read as it was written, and a failed release keeps the inventory', async () => {
  const app = alone('record');
  await release(app, [configMap(fixture, 'record')]);
  const run = await openRun(app);
  const history = Array.from({ length: 12 }, (_, index) => ({
    number: 12 - index,
    commit: 'c'.repeat(40),
    contentKey: 'k'.repeat(64),
    state: 'failed' as const,
    at: '2026-01-01T00:00:00Z',
    by: 'x'.repeat(10_000),
  }));

  await run.writeRecord({ ...recordOf(app), history }, undefined, heldLease);

  const read = (await openRun(app)).record;
  expect(read?.inForce).toEqual(recordOf(app).inForce);
  expect(read?.history.map(({ number }) => number)).toEqual([12, 11, 10, 9, 8, 7, 6, 5, 4, 3]);
  expect((await parentOf(app)).annotations['applyset.kubernetes.io/contains-group-kinds']).toBe('ConfigMap');
  const parent = await fixture.admin.request({ path: pathOf(app) });
  expect(JSON.stringify(parent.body).length).toBeLessThan(64 * 1024);
});

test.each<[string, JsonObject, string]>([
  ['identity', { annotations: { 'slipway.dev/target': 'github/evil/repo//app@prod' } }, 'target'],
  ['tooling', { annotations: { 'applyset.kubernetes.io/tooling': 'kubectl/v1.37.2' } }, 'tooling'],
  ['id', { labels: { 'applyset.kubernetes.io/id': 'applyset-tampered-v1' } }, 'id'],
])('a parent with another %s is refused, and not listed', async (app, metadata, what) => {
  const tampered = alone(`tampered-${app}`);
  await release(tampered, [configMap(fixture, `tampered-${app}`)]);
  await patch(fixture, pathOf(tampered), { metadata });

  await expect(openRun(tampered)).rejects.toMatchObject({
    code: 'OBJECT_OWNED',
    message: expect.stringContaining(`has the ${what}`),
  });
  const targets = await fixture.cluster.targets();
  expect(targets.map(({ target }) => target)).not.toContain(tampered.target.id);
});

test('a parent that changes while a release runs makes its next write fail', async () => {
  const app = alone('changed');
  await release(app, [configMap(fixture, 'changed')]);
  const run = await openRun(app);
  await run.apply([configMap(fixture, 'changed')], options);
  await patch(fixture, pathOf(app), {
    metadata: { annotations: { 'slipway.dev/target': 'github/evil/repo//app@prod' } },
  });

  const writing = run.writeRecord(recordOf(app, 2), [configMap(fixture, 'changed')], heldLease);

  await expect(writing).rejects.toMatchObject({ code: 'OBJECT_OWNED' });
});

test('every target with a parent is listed with its record and its namespaces', async () => {
  const app = alone('listed');
  await release(app, [configMap(fixture, 'listed')]);

  const targets = await fixture.cluster.targets();

  expect(targets).toContainEqual({
    target: app.target.id,
    ...recordParts(app),
    namespaces: [app.target.namespace],
  });
});

function recordParts(app: Fixture) {
  const { inForce, history } = recordOf(app);
  return { inForce, history };
}

test('members in the namespace of the parents are found by the next release', async () => {
  const app = alone('at-home');
  const home = (name: string) =>
    rendered({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: stateNamespace } });
  await release(app, [home('at-home-a'), home('at-home-b'), namespaceObject(stateNamespace)]);

  const { pruned } = await release(app, [home('at-home-a'), namespaceObject(stateNamespace)]);

  expect(pruned.map(({ action, ref }) => `${action} ${ref.name}`)).toEqual(['pruned at-home-b']);
});

/** A target whose parent would share its name with that of the other one, as versions with 8 digits named them. */
function colliding(repository: 'github/acme/loans-1900' | 'github/acme/loans-24035', name: string): Fixture {
  const parts = { repository, app: 'web', environment: 'production' };
  return { ...fixture, target: { ...targetOf(namespace, name), ...parts, id: targetId(parts) } };
}

/** The parent of a target that an earlier version has made. */
async function makeEarlierParent({ target }: Fixture) {
  const key = { name: earlierParentName(target, target.id), namespace: stateNamespace };
  const inventory = inventoryOf([{ group: '', kind: 'ConfigMap', namespace }]);
  return writeParent(fixture.admin, newParent(key, target.id), { inventory, record: undefined });
}

async function setOf(name: string): Promise<unknown> {
  const object = await read(fixture, `/api/v1/namespaces/${namespace}/configmaps/${name}`);
  return (object?.metadata as ParentMeta | undefined)?.labels[partOfLabel];
}

test('a target keeps the parent that an earlier version has made, and its members their label', async () => {
  const app = alone('earlier');
  const { key, id } = await makeEarlierParent(app);
  for (const value of ['1', '2']) {
    await release(app, [configMap(fixture, 'earlier', { value })]);
    expect(await setOf('earlier')).toBe(id);
  }
  expect(applySetId(key)).toBe(id);
  expect(await read(fixture, pathOf(app))).toBeUndefined();
  expect((await fixture.cluster.targets()).map(({ target }) => target)).toContain(app.target.id);
});

test('a target does not take the parent of another one that has the same short hash, and is not kept from its own', async () => {
  const [first, second] = [
    colliding('github/acme/loans-1900', 'first'),
    colliding('github/acme/loans-24035', 'second'),
  ];
  const { id } = await makeEarlierParent(first);
  await release(first, [configMap(fixture, 'of-the-first')]);
  await release(second, [configMap(fixture, 'of-the-second')]);

  expect(await setOf('of-the-first')).toBe(id);
  expect(await setOf('of-the-second')).not.toBe(id);
  const known = (await fixture.cluster.targets()).map(({ target }) => target);
  expect(known).toEqual(expect.arrayContaining([first.target.id, second.target.id]));
  await release(second, []);
  expect(await setOf('of-the-first')).toBe(id);
});

test('a parent whose name is not one of its target is not listed', async () => {
  const app = alone('renamed');
  const key = { name: 'slipway-renamed-by-hand', namespace: stateNamespace };
  const inventory = inventoryOf([]);
  await writeParent(fixture.admin, newParent(key, app.target.id), { inventory, record: undefined });
  const known = (await fixture.cluster.targets()).map(({ target }) => target);
  expect(known).not.toContain(app.target.id);
});
