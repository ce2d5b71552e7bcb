import { expect, test } from 'vitest';
import { diffObjects } from '../../../src/kube/diff/diff.ts';
import { MASK } from '../../../src/model/mask.ts';
import type { JsonObject, KubeObject } from '../../../src/model/object.ts';

function deployment(spec: JsonObject, metadata: JsonObject = {}): KubeObject {
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', ...metadata }, spec };
}

function secret(data: JsonObject, annotations?: JsonObject): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 's', ...(annotations && { annotations }) },
    data,
  };
}

test('a changed image is one field, named by its container', () => {
  const containers = (image: string) => ({ containers: [{ name: 'init' }, { name: 'app', image }] });
  const changes = diffObjects(deployment(containers('web:v1')), deployment(containers('web:v2')));
  expect(changes).toEqual([{ path: 'spec.containers[name=app].image', before: 'web:v1', after: 'web:v2' }]);
});

test('an entry put in front of a keyed list is the only change', () => {
  const before = deployment({ env: [{ name: 'A', value: '1' }] });
  const after = deployment({
    env: [
      { name: 'NEW', value: 'x' },
      { name: 'A', value: '1' },
    ],
  });
  expect(diffObjects(before, after)).toEqual([
    { path: 'spec.env[name=NEW]', before: undefined, after: { name: 'NEW', value: 'x' } },
  ]);
});

test('another order of a keyed list is a change', () => {
  const list = (...names: string[]) => deployment({ env: names.map((name) => ({ name })) });
  expect(diffObjects(list('A', 'B'), list('B', 'A')).map((change) => change.path)).toEqual(['spec.env']);
});

test('what the API server counts is no change', () => {
  const before = deployment({ replicas: 1 }, { resourceVersion: '1', generation: 1, managedFields: [] });
  const after = {
    ...deployment(
      { replicas: 1 },
      { resourceVersion: '2', generation: 2, labels: { 'applyset.kubernetes.io/part-of': 'x' } },
    ),
    status: { replicas: 1 },
  };
  expect(diffObjects(before, after)).toEqual([]);
});

test('an annotation is named in brackets', () => {
  const after = deployment({}, { annotations: { 'example.com/a.b': '1' } });
  expect(diffObjects(deployment({}), after)).toEqual([
    { path: 'metadata.annotations[example.com/a.b]', before: undefined, after: '1' },
  ]);
});

test.each([
  ['changed', { a: 'b2xk' }, { a: 'bmV3' }, [{ path: 'data.a', before: MASK, after: MASK }]],
  ['added', {}, { a: 'bmV3' }, [{ path: 'data.a', before: undefined, after: MASK }]],
  ['removed', { a: 'b2xk' }, {}, [{ path: 'data.a', before: MASK, after: undefined }]],
  ['unchanged', { a: 'b2xk' }, { a: 'b2xk' }, []],
])('a value of a Secret that is %s is told without being shown', (_, before, after, expected) => {
  expect(diffObjects(secret(before as JsonObject), secret(after as JsonObject))).toEqual(expected);
});

test('no form of a Secret value is left in its diff', () => {
  const applied = { 'kubectl.kubernetes.io/last-applied-configuration': '{"data":{"a":"b2xk"}}' };
  const { data: _, ...without } = secret({});
  const pairs: [KubeObject, KubeObject][] = [
    [secret({ 'key.with.dots': 'b2xk' }), secret({ 'key.with.dots': 'bmV3' })],
    [without as KubeObject, secret({ a: 'b2xk' })],
    [secret({}), secret({}, applied)],
    [secret({}, applied), secret({}, { other: '1' })],
  ];
  for (const [before, after] of pairs) {
    const text = JSON.stringify(diffObjects(before, after));
    expect(text).toContain(MASK);
    expect(text).not.toMatch(/b2xk|bmV3/);
  }
});

test('a long text is cut and its length is said', () => {
  const map = (text: string): KubeObject => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {},
    data: { text },
  });
  const [change] = diffObjects(map('short'), map('x'.repeat(5_000)));
  expect(change?.after).toMatch(/^x{2000}… \(5000 characters\)$/);
});

test('a Job that was made anew differs in nothing but its own number', () => {
  const jobOf = (uid: string) => ({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'migrate', uid },
    spec: {
      selector: { matchLabels: { 'batch.kubernetes.io/controller-uid': uid } },
      template: {
        metadata: { labels: { 'controller-uid': uid, 'batch.kubernetes.io/controller-uid': uid } },
      },
    },
  });

  expect(diffObjects(jobOf('one'), jobOf('two'))).toEqual([]);
});
