import { expect, it } from 'vitest';
import { apiError } from '../../../../src/kube/client/api-error.ts';
import { noSchema } from '../../../../src/kube/explain/kind-schema.ts';
import { decideAfterRefusal } from '../../../../src/kube/plan/after-refusal.ts';
import type { JsonObject, KubeObject } from '../../../../src/model/object.ts';

function refusal(code: number, causes: { field: string; message: string }[] = []) {
  const body = { kind: 'Status', code, message: 'is invalid', reason: 'Invalid', details: { causes } };
  return apiError({ method: 'PATCH', path: '/apis/batch/v1' }, code, JSON.stringify(body), undefined);
}

const immutable = { field: 'spec.template', message: 'Invalid value: {}: field is immutable' };

function job(kind: string, annotations: JsonObject, spec: JsonObject = { template: { a: 1 } }): KubeObject {
  return {
    apiVersion: 'batch/v1',
    kind,
    metadata: { name: 'migrate', namespace: 'loans', annotations },
    spec,
  };
}

const live = job('Job', {}, { template: { a: 2 } });

it.each([
  ['slipway.dev/recreate', 'allowed'],
  ['argocd.argoproj.io/sync-options', 'Force=true'],
])('an immutable field leads to a recreation if %s: %s allows it', async (name, value) => {
  const remedy = await decideAfterRefusal(
    refusal(422, [immutable]),
    job('Job', { [name]: value }),
    live,
    noSchema,
  );
  expect(remedy).toEqual({
    kind: 'recreate',
    reason: 'deleted and recreated: spec.template cannot be changed',
  });
});

it('an immutable field leads to nothing without that annotation', async () => {
  expect(await decideAfterRefusal(refusal(422, [immutable]), job('Job', {}), live, noSchema)).toBeUndefined();
});

it('a deletion-protected kind is never recreated', async () => {
  const claim = { ...job('PersistentVolumeClaim', { 'slipway.dev/recreate': 'allowed' }), apiVersion: 'v1' };
  expect(await decideAfterRefusal(refusal(422, [immutable]), claim, live, noSchema)).toBeUndefined();
});

it('an object that would be refused as a new one too is not deleted', async () => {
  const wanted = job('Job', { 'slipway.dev/recreate': 'allowed' }, { template: { a: 1 }, size: 'x' });
  const other = { field: 'spec.size', message: 'Invalid value: "x": must be a number' };
  expect(await decideAfterRefusal(refusal(422, [immutable, other]), wanted, live, noSchema)).toBeUndefined();
});

it('a refusal that is not about the object’s form leads to nothing', async () => {
  const wanted = job('Job', { 'slipway.dev/recreate': 'allowed' });
  expect(await decideAfterRefusal(refusal(403, [immutable]), wanted, live, noSchema)).toBeUndefined();
});

it('a port whose number changed under one name is released from the other manager', async () => {
  const service = (port: number): KubeObject => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'loans' },
    spec: { ports: [{ name: 'http', port, protocol: 'TCP' }] },
  });
  const fieldsV1 = {
    'f:spec': { 'f:ports': { 'k:{"port":80,"protocol":"TCP"}': { '.': {}, 'f:port': {} } } },
  };
  const entry = (manager: string, operation: string) => ({ manager, operation, apiVersion: 'v1', fieldsV1 });
  const own = entry('slipway', 'Apply');
  const now = service(80);
  const found = {
    ...now,
    metadata: { ...now.metadata, managedFields: [own, entry('kubectl-edit', 'Update')] },
  };
  const duplicate = { field: 'spec.ports[1].name', message: 'Duplicate value: "http"' };
  expect(await decideAfterRefusal(refusal(422, [duplicate]), service(81), found, noSchema)).toMatchObject({
    kind: 'rewrite-managers',
    managedFields: [own, { manager: 'kubectl-edit', fieldsV1: {} }],
  });
});
