import { expect, test } from 'vitest';
import { apiError } from '../../../src/kube/client/api-error.ts';
import { didYouMean } from '../../../src/kube/explain/did-you-mean.ts';
import { explain } from '../../../src/kube/explain/explain.ts';
import { fieldsAt, noSchema, transitionRule } from '../../../src/kube/explain/kind-schema.ts';
import { namedPath } from '../../../src/kube/explain/named-path.ts';
import { wrongQuantities } from '../../../src/kube/explain/quantities.ts';
import { redact } from '../../../src/kube/explain/redact.ts';
import { secretMasks } from '../../../src/model/masks.ts';
import type { JsonObject, KubeObject } from '../../../src/model/object.ts';

test.each([
  ['spec.replica', 'spec', 'replicas'],
  ['spec.Replicas', 'spec', 'replicas'],
  ['metadata.annotations[a.b/c].labls', 'metadata.annotations[a.b/c]', 'labels'],
  ['kindd', '', 'kind'],
])('a mistake in %s is compared with the fields at %s and suggests %s', async (path, parent, response) => {
  const paths: string[] = [];
  const fieldsAt = async (at: string) => {
    paths.push(at);
    return ['replicas', 'labels', 'kind', 'paused'];
  };
  const words = await didYouMean(path, { fieldsAt });
  expect(paths).toEqual([parent]);
  expect(words).toBe(`; did you mean ${response}?`);
});

test('suggests nothing if no field is near', async () => {
  expect(await didYouMean('spec.zzzzz', { fieldsAt: async () => ['replicas'] })).toBe('');
});

test('suggests all fields that are equally near', async () => {
  const fieldsAt = async () => ['size', 'site', 'heat'];
  expect(await didYouMean('spec.sise', { fieldsAt })).toBe('; did you mean site or size?');
});

test('finds fields through references, lists and defaults', () => {
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

test('leaves out long quotes and keeps short ones', () => {
  const object: KubeObject = { apiVersion: 'v1', kind: 'ConfigMap', metadata: {} };
  expect(redact('spec: Invalid value: "short": no', secretMasks, object)).toBe(
    'spec: Invalid value: "short": no',
  );
  expect(redact(`spec: Invalid value: {"a":"${'x'.repeat(200)}"}: no`, secretMasks, object)).toBe('spec: no');
});

const oven = { group: 'e.com', version: 'v1', kind: 'Oven', resource: '', namespaced: true, verbs: [] };

function ovenSchema(spec: JsonObject): JsonObject {
  const kinds = [{ group: 'e.com', version: 'v1', kind: 'Oven' }];
  const root = { 'x-kubernetes-group-version-kind': kinds, properties: { spec } };
  return { components: { schemas: { root } } };
}

test.each([
  ['by its message', { rule: 'self == oldSelf', message: 'the site is fixed' }, 'the site is fixed'],
  ['by itself', { rule: 'self >= oldSelf' }, 'failed rule: self >= oldSelf'],
])('finds a transition rule %s', (_, rule, text) => {
  const field = { 'x-kubernetes-validations': [{ rule: 'self != ""', message: 'x' }, rule] };
  const document = ovenSchema({ properties: { site: field } });
  const message = `Invalid value: "b": ${text}`;
  expect(transitionRule(document, oven, { field: 'spec.site', message })).toBe(rule.rule);
  expect(transitionRule(document, oven, { field: 'spec.site', message: 'Invalid value: "": x' })).toBe(
    undefined,
  );
});

test('finds a transition rule of the object that contains the field', () => {
  const rule = { rule: 'self.a == oldSelf.a', message: 'a is fixed' };
  const document = ovenSchema({ 'x-kubernetes-validations': [rule], properties: { a: {} } });
  expect(transitionRule(document, oven, { field: 'spec.a', message: 'a is fixed' })).toBe(rule.rule);
});

const pod: KubeObject = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'a' },
  spec: {
    containers: [
      { name: 'app', args: ['x'], resources: { requests: { cpu: '1 core', memory: '1Gi' } } },
      {
        name: 'side',
        ports: [{ name: 'a' }, { name: 'a' }],
        resources: { limits: { 'example.com/gpu': 'two' } },
      },
    ],
    volumes: [{ name: 'tmp', emptyDir: { sizeLimit: 'big' } }],
  },
};

test.each([
  ['spec.containers[1].image', 'spec.containers[name=side].image'],
  ['spec.containers[0].args[0]', 'spec.containers[name=app].args[0]'],
  ['spec.containers[1].ports[1].name', 'spec.containers[name=side].ports[1].name'],
  ['spec.containers[7].image', 'spec.containers[7].image'],
  ['data[tls.key]', 'data[tls.key]'],
])('%s is written with the keys of change sets', (counted, named) => {
  expect(namedPath(counted, pod)).toBe(named);
});

test('names the values that are not quantities', () => {
  expect(wrongQuantities(pod)).toEqual([
    'spec.containers[name=app].resources.requests.cpu: "1 core" is not a quantity',
    'spec.containers[name=side].resources.limits[example.com/gpu]: "two" is not a quantity',
    'spec.volumes[name=tmp].emptyDir.sizeLimit: "big" is not a quantity',
  ]);
});

test('the hint names the kustomization that may have changed the object', async () => {
  const status = {
    kind: 'Status',
    reason: 'Invalid',
    message: 'no',
    details: { causes: [{ field: 'spec.replicas', message: 'Invalid value: -1' }] },
  };
  const request = {
    ref: { group: '', version: 'v1', kind: 'Pod', name: 'a' },
    object: pod,
    source: { file: 'base/pod.yaml', line: 3, through: 'web/kustomization.yaml' },
    resource: oven,
    verb: 'patch',
    account: undefined,
    cluster: 'prod',
    masks: secretMasks,
  } as const;
  const error = apiError({ method: 'PATCH', path: '/x' }, 422, JSON.stringify(status), undefined);

  expect(await explain(error, request, noSchema)).toMatchObject({
    message: 'spec.replicas: Invalid value: -1',
    object: request.ref,
    hint: 'Correct the named file, or how web/kustomization.yaml changes it, and push again.',
  });
});
