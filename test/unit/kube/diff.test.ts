import { expect, test } from 'vitest';
import { compare } from '../../../src/kube/diff/compare.ts';
import { diffObjects } from '../../../src/kube/diff/diff.ts';
import type { FieldChange } from '../../../src/model/change-set.ts';
import { MASK } from '../../../src/model/masks.ts';
import type { JsonObject, KubeObject } from '../../../src/model/object.ts';
import { countedList } from '../../support/counted-list.ts';

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

test('shows a changed image as one field, named by its container', () => {
  const containers = (image: string) => ({ containers: [{ name: 'init' }, { name: 'app', image }] });
  const changes = diffObjects(deployment(containers('web:v1')), deployment(containers('web:v2')));
  expect(changes).toEqual([{ path: 'spec.containers[name=app].image', before: 'web:v1', after: 'web:v2' }]);
});

test('shows only the entry that is inserted into a keyed list', () => {
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

test('shows a reordered keyed list as a change', () => {
  const list = (...names: string[]) => deployment({ env: names.map((name) => ({ name })) });
  expect(diffObjects(list('A', 'B'), list('B', 'A')).map((change) => change.path)).toEqual(['spec.env']);
});

test('ignores fields that the API server counts', () => {
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

test('puts an annotation in brackets', () => {
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
])('shows that a value of a Secret is %s without showing the value', (_, before, after, expected) => {
  expect(diffObjects(secret(before as JsonObject), secret(after as JsonObject))).toEqual(expected);
});

test('shows no form of a Secret value', () => {
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

test('cuts a long text and shows its length', () => {
  const map = (text: string): KubeObject => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {},
    data: { text },
  });
  const [change] = diffObjects(map('short'), map('x'.repeat(5_000)));
  expect(change?.after).toMatch(/^x{2000}… \(5000 characters\)$/);
});

test('ignores the uid labels of a recreated Job', () => {
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

test('cuts two long texts where they start to differ', () => {
  const map = (end: string): KubeObject => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {},
    data: { text: `${'x'.repeat(5_000)}${end}` },
  });
  const [change] = diffObjects(map('old'), map('new'));
  expect(change?.before).toMatch(/^…x{200}old \(5003 characters\)$/);
  expect(change?.after).toMatch(/^…x{200}new \(5003 characters\)$/);
});

test('shows the changed lines of a long text', () => {
  const map = (port: number): KubeObject => {
    const lines = Array.from({ length: 900 }, (_, at) => (at === 500 ? `listen ${port};` : `# line ${at}`));
    return { apiVersion: 'v1', kind: 'ConfigMap', metadata: {}, data: { 'nginx.conf': lines.join('\n') } };
  };
  expect(diffObjects(map(80), map(81))).toMatchObject([
    {
      path: 'data[nginx.conf]',
      lines: [
        '@@ -498,7 +498,7 @@',
        ' # line 497',
        ' # line 498',
        ' # line 499',
        '-listen 80;',
        '+listen 81;',
        ' # line 501',
        ' # line 502',
        ' # line 503',
      ],
    },
  ]);
});

test('shows no line of a masked text', () => {
  const text = (end: string) => Buffer.from(`one\ntwo\n${end}`).toString('base64');
  const [change] = diffObjects(secret({ a: text('old') }), secret({ a: text('new') }));
  expect(change).toEqual({ path: 'data.a', before: MASK, after: MASK });
});

test('names entries by the next key if the first one is not unique', () => {
  const mounts = (...paths: string[]) =>
    deployment({ volumeMounts: paths.map((mountPath) => ({ name: 'data', mountPath })) });
  expect(diffObjects(mounts('/a', '/b'), mounts('/a', '/c')).map(({ path }) => path)).toEqual([
    'spec.volumeMounts[mountPath=/b]',
    'spec.volumeMounts[mountPath=/c]',
  ]);
});

test('shows only the entry that is inserted into a list without keys', () => {
  const rule = (resource: string) => ({ apiGroups: [''], resources: [resource], verbs: ['get'] });
  const role = (...resources: string[]) => deployment({ rules: resources.map(rule) });
  expect(diffObjects(role('pods', 'services'), role('jobs', 'pods', 'services'))).toEqual([
    { path: 'spec.rules[0]', before: undefined, after: rule('jobs') },
  ]);
  expect(diffObjects(role('pods', 'jobs', 'services'), role('pods', 'services'))).toEqual([
    { path: 'spec.rules[1]', before: rule('jobs'), after: undefined },
  ]);
});

test('shows the changed fields of an entry of a list without keys', () => {
  const command = (...words: string[]) => deployment({ command: words });
  expect(diffObjects(command('run', '--fast'), command('run', '--slow', '--log'))).toEqual([
    { path: 'spec.command[1]', before: '--fast', after: '--slow' },
    { path: 'spec.command[2]', before: undefined, after: '--log' },
  ]);
});

test('shows only what the file contains of an added entry', () => {
  const entry = { name: 'side', image: 'side:v1', ports: [{ containerPort: 80 }] };
  const live = {
    ...entry,
    ports: [{ containerPort: 80, protocol: 'TCP' }],
    imagePullPolicy: 'IfNotPresent',
  };
  const of = (...containers: JsonObject[]) => deployment({ containers });
  const app = { name: 'app' };
  expect(diffObjects(of(app), of(app, live), undefined, of(app, entry))).toEqual([
    { path: 'spec.containers[name=side]', before: undefined, after: entry },
  ]);
});

test('reads the entries of the file a fixed number of times, however long the list is', () => {
  const list = (value: string) => countedList(2_000, (index) => ({ value: `${value}-${index}` }));
  const file = list('after');
  const changes: FieldChange[] = [];

  compare('env', list('before').list, list('after').list, file.list, changes);

  expect(changes).toHaveLength(2_000);
  expect(file.reads.count).toBeLessThan(20 * 2_000);
});
