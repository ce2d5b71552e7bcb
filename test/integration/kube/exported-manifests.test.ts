import { afterAll, beforeAll, expect, test } from 'vitest';
import { objectOf } from '../../../src/model/json.ts';
import type { JsonObject } from '../../../src/model/object.ts';
import { eventually } from '../../support/slipway.ts';
import {
  corePath,
  createNamespace,
  type Fixture,
  patch,
  read,
  release,
  rendered,
  startFixture,
  targetOf,
} from './release-setup.ts';

const fixture = startFixture();
const { namespace } = fixture;
const volume = `${namespace}-volume`;
const volumePath = `/api/v1/persistentvolumes/${volume}`;

beforeAll(() => createNamespace(fixture));
afterAll(() => fixture.admin.request({ method: 'DELETE', path: volumePath }).catch(() => undefined));

function alone(app: string): Fixture {
  return { ...fixture, target: targetOf(namespace, app) };
}

const template = (labels: JsonObject, restartPolicy = 'Always') => ({
  metadata: { labels },
  spec: { containers: [{ name: 'app', image: 'web:v1' }], restartPolicy },
});

function deployment(annotations: JsonObject) {
  const labels = { app: 'web' };
  return rendered({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace, annotations },
    spec: { selector: { matchLabels: labels }, template: template(labels) },
  });
}

test('leaves the revision of a Deployment to its controller', async () => {
  const revision = 'deployment.kubernetes.io/revision';
  const path = `/apis/apps/v1/namespaces/${namespace}/deployments/web`;
  const app = alone('deployment');
  const exported = (note: string) => deployment({ [revision]: '7', note });
  await release(app, [exported('a')]);
  const written = await eventually(
    'the revision',
    async () => objectOf((await read(fixture, path))?.metadata.annotations)[revision],
  );

  const same = await release(app, [exported('a')]);
  const changed = await release(app, [exported('b')]);

  expect(written).toBe('1');
  expect(same.applied).toMatchObject([{ action: 'unchanged' }]);
  expect(changed.applied).toMatchObject([
    { action: 'configured', fields: [{ path: 'metadata.annotations.note' }], tookFrom: undefined },
  ]);
  expect((await read(fixture, path))?.metadata.annotations).toEqual({ [revision]: '1', note: 'b' });
});

test('an exported claim does not say that it is bound', async () => {
  const annotations = {
    'pv.kubernetes.io/bind-completed': 'yes',
    'pv.kubernetes.io/bound-by-controller': 'yes',
    'volume.kubernetes.io/selected-node': 'gone',
    'volume.kubernetes.io/storage-provisioner': 'none.example.com',
    'volume.beta.kubernetes.io/storage-provisioner': 'none.example.com',
    team: 'loans',
  };
  const claim = rendered({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name: 'data', namespace, annotations },
    spec: {
      accessModes: ['ReadWriteOnce'],
      storageClassName: 'none',
      volumeName: 'kept',
      resources: { requests: { storage: '1Gi' } },
    },
  });

  const { applied } = await release(alone('claim'), [claim]);

  expect(applied).toMatchObject([{ action: 'created' }]);
  const live = await read(fixture, corePath(fixture, 'persistentvolumeclaims', 'data'));
  expect(Object.keys(objectOf(live?.metadata.annotations))).not.toContain('pv.kubernetes.io/bind-completed');
  expect(objectOf(live?.metadata.annotations)).not.toHaveProperty(['volume.kubernetes.io/selected-node']);
  expect(objectOf(live?.metadata.annotations)).toMatchObject({ team: 'loans' });
  expect(live?.spec).toMatchObject({ volumeName: 'kept' });
});

test('an exported volume is reserved for its claim by name alone, and keeps the uid that the binder writes', async () => {
  const claimRef = { kind: 'PersistentVolumeClaim', apiVersion: 'v1', namespace, name: 'restored' };
  const exported = (team: string) =>
    rendered({
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: volume, labels: { team } },
      spec: {
        accessModes: ['ReadWriteOnce'],
        capacity: { storage: '1Gi' },
        storageClassName: 'none',
        hostPath: { path: '/none' },
        claimRef: { ...claimRef, uid: '8b0a1f7e-0000-4000-8000-000000000000', resourceVersion: '12' },
      },
    });
  await release(alone('volume'), [exported('a')]);
  const created = objectOf(objectOf((await read(fixture, volumePath))?.spec).claimRef);
  const uid = '11111111-0000-4000-8000-000000000000';
  await patch(fixture, volumePath, { spec: { claimRef: { ...claimRef, uid } } }, 'kube-controller-manager');

  const { applied } = await release(alone('volume'), [exported('b')]);

  expect(created).toMatchObject({ name: 'restored' });
  expect(created.uid).toBeUndefined();
  expect(applied).toMatchObject([{ action: 'configured', fields: [{ path: 'metadata.labels.team' }] }]);
  expect((await read(fixture, volumePath))?.spec).toMatchObject({ claimRef: { uid } });
});

test('an exported Job selects its own pods', async () => {
  const labels = { 'controller-uid': 'another', 'batch.kubernetes.io/controller-uid': 'another', app: 'job' };
  const job = rendered({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'job', namespace },
    spec: {
      suspend: true,
      selector: { matchLabels: { 'batch.kubernetes.io/controller-uid': 'another' } },
      template: template(labels, 'Never'),
    },
  });

  const { applied } = await release(alone('job'), [job]);
  const again = await release(alone('job'), [job]);

  expect(applied).toMatchObject([{ action: 'created' }]);
  expect(again.applied).toMatchObject([{ action: 'unchanged' }]);
  const live = await read(fixture, `/apis/batch/v1/namespaces/${namespace}/jobs/job`);
  expect(live?.spec).toMatchObject({
    selector: { matchLabels: { 'batch.kubernetes.io/controller-uid': live?.metadata.uid } },
  });
});

test('an exported token of an account is left to the token controller', async () => {
  const account = rendered({
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'robot', namespace },
  });
  const token = (team: string) =>
    rendered({
      apiVersion: 'v1',
      kind: 'Secret',
      type: 'kubernetes.io/service-account-token',
      metadata: {
        name: 'robot-token',
        namespace,
        labels: { team },
        annotations: {
          'kubernetes.io/service-account.name': 'robot',
          'kubernetes.io/service-account.uid': 'another',
        },
      },
      data: { token: 'b2xk', 'ca.crt': 'b2xk', namespace: 'b2xk' },
    });
  const path = corePath(fixture, 'secrets', 'robot-token');
  await release(alone('token'), [account, token('a')]);
  const written = await eventually('the token', async () => {
    const secret = await read(fixture, path);
    return objectOf(secret?.data).token === undefined ? undefined : secret;
  });

  await release(alone('token'), [account, token('b')]);

  const uid = (await read(fixture, corePath(fixture, 'serviceaccounts', 'robot')))?.metadata.uid;
  expect(written.metadata.annotations).toMatchObject({ 'kubernetes.io/service-account.uid': uid });
  expect(objectOf(written.data).token).not.toBe('b2xk');
  const live = await read(fixture, path);
  expect(live?.metadata).toMatchObject({ uid: written.metadata.uid, labels: { team: 'b' } });
  expect(live?.data).toEqual(written.data);
});
