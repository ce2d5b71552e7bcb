import { expect, test } from 'vitest';
import { didYouMean } from '../../../src/kube/explain/did-you-mean.ts';
import { fieldsAt } from '../../../src/kube/explain/known-fields.ts';
import { redact } from '../../../src/kube/explain/redact.ts';
import { secretMasks } from '../../../src/kube/masks.ts';
import type { KubeObject } from '../../../src/model/object.ts';

test.each([
  ['spec.replica', 'spec', 'replicas'],
  ['spec.Replicas', 'spec', 'replicas'],
  ['metadata.annotations[a.b/c].labls', 'metadata.annotations[a.b/c]', 'labels'],
  ['kindd', '', 'kind'],
])('%s is looked up in %s and answered with %s', async (path, parent, answer) => {
  const asked: string[] = [];
  const words = await didYouMean(path, async (at) => {
    asked.push(at);
    return ['replicas', 'labels', 'kind', 'paused'];
  });
  expect(asked).toEqual([parent]);
  expect(words).toBe(`; did you mean ${answer}?`);
});

test('nothing is suggested where nothing is near', async () => {
  expect(await didYouMean('spec.zzzzz', async () => ['replicas'])).toBe('');
});

test('fields are found through references, lists and defaults', () => {
  const gvk = [{ group: 'apps', version: 'v1', kind: 'Deployment' }];
  const document = {
    components: {
      schemas: {
        root: {
          'x-kubernetes-group-version-kind': gvk,
          properties: { spec: { allOf: [{ $ref: '#/components/schemas/spec' }] } },
        },
        spec: { properties: { containers: { items: { $ref: '#/components/schemas/container' } } } },
        container: { properties: { name: {}, image: {} } },
      },
    },
  };
  const resource = {
    group: 'apps',
    version: 'v1',
    kind: 'Deployment',
    resource: '',
    namespaced: true,
    verbs: [],
  };
  expect(fieldsAt(document, resource, 'spec.containers[name="a.b"]')).toEqual(['name', 'image']);
  expect(fieldsAt(document, resource, 'spec.nothing.at.all')).toEqual([]);
  expect(fieldsAt({}, resource, 'spec')).toEqual([]);
});

const secret: KubeObject = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: {},
  data: { a: Buffer.from('correct horse').toString('base64') },
  stringData: { b: 'battery' },
};

test.each(['correct horse', 'battery', 'Y29ycmVjdCBob3JzZQ=='])(
  '%s of a Secret is masked in a message',
  (value) => {
    expect(redact(`the webhook saw ${value} there`, secretMasks, secret)).toBe('the webhook saw *** there');
  },
);

test('long quotes are left out, short ones stay', () => {
  const object: KubeObject = { apiVersion: 'v1', kind: 'ConfigMap', metadata: {} };
  expect(redact('spec: Invalid value: "short": no', secretMasks, object)).toBe(
    'spec: Invalid value: "short": no',
  );
  expect(redact(`spec: Invalid value: {"a":"${'x'.repeat(200)}"}: no`, secretMasks, object)).toBe('spec: no');
});
