import { beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { createCluster } from '../../../src/kube/cluster.ts';
import { partOfLabel } from '../../../src/kube/inventory/applyset.ts';
import type { JsonObject, KubeObject } from '../../../src/model/object.ts';
import { reasonOfChange } from '../../support/failures.ts';
import { kubectl } from '../../support/kubectl.ts';
import { uniqueNamespace } from '../../support/sandbox.ts';
import { eventually } from '../../support/slipway.ts';
import { startFront } from './front.ts';
import {
  configMap,
  corePath,
  createNamespace,
  type Fixture,
  lines,
  patch,
  read,
  release,
  startFixture,
  targetOf,
} from './release-setup.ts';

const fixture = startFixture();
const { namespace } = fixture;

beforeAll(() => createNamespace(fixture));

function alone(app: string, adopt = false): Fixture {
  return { ...fixture, target: { ...targetOf(namespace, app), adopt } };
}

/** What another tool has deployed: created, and so owned, by its field manager. */
async function deployed(name: string, metadata: JsonObject, data: JsonObject, fieldManager: string) {
  const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...metadata }, data };
  const path = `/api/v1/namespaces/${namespace}/configmaps`;
  await fixture.admin.request({ method: 'POST', path, query: { fieldManager }, body });
  // The first look is at the API server's cache, which hears of it a moment later.
  const cached = { path: `${path}/${name}`, query: { resourceVersion: '0' } };
  await eventually(`${name} in the cache`, () => fixture.admin.request(cached));
}

function liveMap(name: string): Promise<KubeObject | undefined> {
  return read(fixture, corePath(fixture, 'configmaps', name));
}

const helm = {
  labels: { 'app.kubernetes.io/managed-by': 'Helm' },
  annotations: { 'meta.helm.sh/release-name': 'web', 'meta.helm.sh/release-namespace': 'loans' },
};
const flux = {
  labels: {
    'kustomize.toolkit.fluxcd.io/name': 'apps',
    'kustomize.toolkit.fluxcd.io/namespace': 'flux-system',
  },
};

const kapp = (name: string) => ({
  labels: { 'kapp.k14s.io/app': '1644490352290484000' },
  annotations: { 'kapp.k14s.io/identity': `v1;${namespace}//ConfigMap/${name};v1` },
});

function argo(name: string) {
  return { annotations: { 'argocd.argoproj.io/tracking-id': `shop:/ConfigMap:${namespace}/${name}` } };
}

function ownedBy(target: string) {
  const details = { owner: { target } };
  return { action: 'failed', failure: { summary: `it belongs to target ${target}`, details } };
}

test.each<[string, string, JsonObject, string]>([
  ['a Helm release', 'by-helm', helm, 'Helm release loans/web'],
  ['an Argo CD application', 'by-argo', argo('by-argo'), 'Argo CD application shop'],
  ['a Flux Kustomization', 'by-flux', flux, 'Flux Kustomization flux-system/apps'],
  [
    'a Flux HelmRelease',
    'by-flux-helm',
    { labels: { 'helm.toolkit.fluxcd.io/name': 'db', 'helm.toolkit.fluxcd.io/namespace': 'data' } },
    'Flux HelmRelease data/db',
  ],
  ['a kapp app', 'by-kapp', kapp('by-kapp'), 'kapp app 1644490352290484000'],
  [
    'an inventory of kpt',
    'by-kpt',
    { annotations: { 'config.k8s.io/owning-inventory': 'loans-7' } },
    'inventory loans-7 of kpt or Config Sync',
  ],
  [
    'another ApplySet',
    'by-set',
    { labels: { [partOfLabel]: 'applyset-other-v1' } },
    'ApplySet applyset-other-v1',
  ],
])('what %s owns is refused with its name, before anything is applied', async (_, name, metadata, owner) => {
  await deployed(name, metadata, { by: 'them' }, 'their-tool');

  const { applied } = await release(alone(name), [configMap(fixture, `a-${name}`), configMap(fixture, name)]);

  expect(applied).toMatchObject([
    {
      action: 'failed',
      source: { file: `${name}.yaml`, line: 1 },
      failure: {
        summary: `it belongs to ${owner}`,
        hint: expect.stringContaining(`adopt: true for app ${name}`),
      },
    },
    { action: 'skipped' },
  ]);
  expect(await liveMap(`a-${name}`)).toBeUndefined();
  expect((await liveMap(name))?.data).toEqual({ by: 'them' });
});

test.each<[string, JsonObject, string, string]>([
  ['label', { 'app.kubernetes.io/instance': 'shop' }, 'argocd-controller', 'Argo CD application shop'],
  ['own-label', { 'argocd.argoproj.io/instance': 'till' }, 'argocd-controller', 'Argo CD application till'],
  [
    'old',
    { 'app.kubernetes.io/instance': 'shop' },
    'argocd-application-controller',
    'Argo CD application shop',
  ],
  ['no-label', {}, 'argocd-controller', 'an Argo CD application'],
])(
  'what Argo CD tracks by label is refused by its field manager (%s)',
  async (word, labels, manager, owner) => {
    const name = `by-argo-${word}`;
    await deployed(name, { labels }, { by: 'them' }, manager);

    const { applied } = await release(alone(name), [configMap(fixture, name)]);

    expect(reasonOfChange(applied[0])).toContain(`it belongs to ${owner}`);
    expect((await liveMap(name))?.data).toEqual({ by: 'them' });
  },
);

test('an app that adopts takes the fields of Argo CD over, and what its file drops goes', async () => {
  await deployed(
    'argo-adopted',
    { labels: { 'app.kubernetes.io/instance': 'shop' } },
    { a: '1', b: '2' },
    'argocd-controller',
  );

  const { applied } = await release(alone('argo-adopted', true), [
    configMap(fixture, 'argo-adopted', { a: '1' }),
  ]);

  expect(lines(applied)).toEqual([`configured ConfigMap ${namespace}/argo-adopted`]);
  expect((await liveMap('argo-adopted'))?.data).toEqual({ a: '1' });
});

test('a chart’s instance label alone proves nothing', async () => {
  await deployed(
    'by-hand',
    { labels: { 'app.kubernetes.io/instance': 'shop' } },
    { by: 'hand' },
    'kubectl-create',
  );

  const { applied } = await release(alone('by-hand'), [configMap(fixture, 'by-hand')]);

  expect(lines(applied)).toEqual([`configured ConfigMap ${namespace}/by-hand`]);
});

test('an ApplySet of kubectl is named by its parent', async () => {
  const object = { ...configMap(fixture, 'in-a-set', { by: 'them' }).object };
  const set = ['apply', '-n', namespace, '--prune', '--applyset=their-set', '-f', '-'];
  vi.stubEnv('KUBECTL_APPLYSET', 'true');
  onTestFinished(() => void vi.unstubAllEnvs());
  await kubectl(set, JSON.stringify(object));

  const { applied } = await release(alone('in-a-set'), [configMap(fixture, 'in-a-set')]);

  expect(reasonOfChange(applied[0])).toBe(
    `it belongs to the ApplySet of Secret ${namespace}/their-set, managed by kubectl`,
  );
});

test('an object that another Slipway on the cluster deploys is refused with its name', async () => {
  const stateNamespace = uniqueNamespace('state');
  const cluster = createCluster({ ...fixture.input, stateNamespace });
  const other = { ...alone('elsewhere'), cluster };
  await release(other, [configMap(fixture, 'elsewhere')]);

  const { applied } = await release(alone('here'), [configMap(fixture, 'elsewhere')]);
  await cluster.close();

  expect(reasonOfChange(applied[0])).toContain(
    `it belongs to target ${other.target.id} of another Slipway (ConfigMap ${stateNamespace}/slipway-elsewhere-`,
  );
  await fixture.admin.request({ method: 'DELETE', path: `/api/v1/namespaces/${stateNamespace}` });
});

test('an owner that only the API server’s cache shows is not enough to refuse an object', async () => {
  const front = await startFront();
  const cluster = createCluster({ ...fixture.input, kubeconfig: front.kubeconfig });
  await deployed('was-helms', {}, {}, 'their-tool');
  const stale = vi.fn((body: JsonObject) => ({
    ...body,
    metadata: { ...(body.metadata as JsonObject), ...helm },
  }));
  front.mischief = ({ path }) =>
    path.includes('/was-helms?resourceVersion=0') ? { change: stale } : undefined;

  const { applied } = await release({ ...alone('was-helms'), cluster }, [configMap(fixture, 'was-helms')]);
  await Promise.all([cluster.close(), front.close()]);

  expect(stale).toHaveBeenCalled();
  expect(lines(applied)).toEqual([`configured ConfigMap ${namespace}/was-helms`]);
});

test('one owned object among many new ones is refused before anything is applied', async () => {
  await deployed('many-5', helm, {}, 'helm');
  const objects = Array.from({ length: 8 }, (_, index) => configMap(fixture, `many-${index}`));

  const { applied } = await release(alone('many'), objects);

  expect(applied.filter(({ action }) => action === 'failed')).toHaveLength(1);
  expect(await liveMap('many-0')).toBeUndefined();
});

test.each<[string, JsonObject]>([
  [
    'a common label',
    { labels: { 'app.kubernetes.io/managed-by': 'Helm', 'app.kubernetes.io/instance': 'web' } },
  ],
  ['a tracking id of another object', argo('somebody-else')],
  ['an identity of another object', kapp('somebody-else')],
])('%s proves no owner', async (title, metadata) => {
  const name = title.replaceAll(' ', '-');
  await deployed(name, metadata, { by: 'them' }, 'their-tool');

  const { applied } = await release(alone(name), [configMap(fixture, name, { by: 'us' })]);

  expect(lines(applied)).toEqual([`configured ConfigMap ${namespace}/${name}`]);
});

test('a label that a controller copied proves no owner', async () => {
  const owner = await read(fixture, `/api/v1/namespaces/${namespace}`);
  const reference = {
    apiVersion: 'v1',
    kind: 'Namespace',
    name: namespace,
    uid: String(owner?.metadata.uid),
  };
  await deployed('copied', { ...flux, ownerReferences: [reference] }, {}, 'their-tool');

  const { applied } = await release(alone('copied'), [configMap(fixture, 'copied')]);

  expect(lines(applied)).toEqual([`configured ConfigMap ${namespace}/copied`]);
});

test.each([
  ['helm', helm],
  ['argocd-controller', argo('adopted-argocd-controller')],
  ['kustomize-controller', flux],
  ['kapp', kapp('adopted-kapp')],
  ['our-pipeline', {}],
])('with adopt an object of %s moves over, and its fields with it', async (manager, metadata) => {
  const name = `adopted-${manager}`;
  await deployed(name, metadata, { keep: '1', drop: '1' }, manager);
  const before = await liveMap(name);

  const { applied } = await release(alone(name, true), [configMap(fixture, name, { keep: '1' })]);

  const after = await liveMap(name);
  if (manager === 'helm') expect(reasonOfChange(applied[0])).toBe('taken over from Helm release loans/web');
  expect(after?.metadata.uid).toBe(before?.metadata.uid);
  expect(after?.data).toEqual({ keep: '1' });
  expect(Object.keys((after?.metadata.labels ?? {}) as JsonObject)).toEqual([partOfLabel]);
  expect(after?.metadata.annotations).toBeUndefined();
  expect(JSON.stringify(after?.metadata.managedFields)).not.toContain(`"manager":"${manager}"`);
});

test('fields that kubectl apply has set are removed once the file no longer holds them', async () => {
  const object = { ...configMap(fixture, 'by-kubectl', { a: '1', b: '1' }).object };
  await kubectl(['apply', '-f', '-'], JSON.stringify(object));

  await release(alone('by-kubectl'), [configMap(fixture, 'by-kubectl', { a: '1', b: '1' })]);
  await release(alone('by-kubectl'), [configMap(fixture, 'by-kubectl', { a: '1' })]);

  const after = await liveMap('by-kubectl');
  expect(after?.data).toEqual({ a: '1' });
  expect(after?.metadata.annotations).toBeUndefined();
});

test('fields that kubectl apply has set under another manager name are removed too', async () => {
  const object = { ...configMap(fixture, 'by-ci', { a: '1', b: '1' }).object };
  await kubectl(['apply', '--field-manager=ci', '-f', '-'], JSON.stringify(object));

  await release(alone('by-ci'), [configMap(fixture, 'by-ci', { a: '1' })]);

  const after = await liveMap('by-ci');
  expect([after?.data, after?.metadata.annotations]).toEqual([{ a: '1' }, undefined]);
});

test('adopt keeps the fields of a manager that has set only a few', async () => {
  await deployed('injected', {}, { a: '1', b: '1' }, 'our-pipeline');
  const path = corePath(fixture, 'configmaps', 'injected');
  await patch(fixture, path, { data: { ca: 'x' } }, 'injector');

  await release(alone('injected', true), [configMap(fixture, 'injected', { a: '1' })]);

  expect((await liveMap('injected'))?.data).toEqual({ a: '1', ca: 'x' });
});

test('fields that a person has edited stay theirs', async () => {
  await deployed('edited', {}, { a: '1' }, 'kubectl-edit');

  await release(alone('edited', true), [configMap(fixture, 'edited', { b: '1' })]);

  expect((await liveMap('edited'))?.data).toEqual({ a: '1', b: '1' });
});

test('an object of another target is refused with its name, and moves with adopt', async () => {
  const shared = configMap(fixture, 'shared', { a: '1' });
  const first = alone('first');
  await release(first, [shared, configMap(fixture, 'first-own')]);

  const refused = await release(alone('second'), [shared]);
  const adopted = await release(alone('second', true), [shared]);
  const left = await release(first, [configMap(fixture, 'first-own')]);
  const again = await release(first, [shared, configMap(fixture, 'first-own')]);

  expect(refused.applied).toMatchObject([ownedBy(first.target.id)]);
  expect(lines(adopted.applied)).toEqual([`configured ConfigMap ${namespace}/shared`]);
  expect(left.pruned).toEqual([]);
  expect(await liveMap('shared')).toBeDefined();
  expect(again.applied[0]).toMatchObject(ownedBy(alone('second').target.id));
});
