import { beforeAll, expect, test } from 'vitest';
import type { JsonObject, RenderedObject } from '../../../src/model/object.ts';
import { hintOfChange, reasonOfChange } from '../../support/failures.ts';
import { definition } from './custom-kind.ts';
import { refusals } from './refused-setup.ts';
import { configMap, createNamespace, release, rendered, startFixture } from './release-setup.ts';

const fixture = startFixture();
const { alone, named, deployment, secret, refusal } = refusals(fixture);

beforeAll(() => createNamespace(fixture));

const twoContainers = {
  containers: [
    { name: 'app', image: 'app:v1' },
    { name: 'side', image: 'side:v1', imagePullPolicy: 'Sometimes' },
  ],
};

test.each<[string, RenderedObject, string | RegExp]>([
  ['an unknown field', deployment({ replica: 1 }), 'spec.replica is not a field; did you mean replicas?'],
  [
    'an unknown field of a container',
    deployment({}, { imagePullPolice: 'Always' }),
    'spec.template.spec.containers[name=app].imagePullPolice is not a field; did you mean imagePullPolicy?',
  ],
  [
    'a field of the second container',
    deployment({ template: { metadata: { labels: { app: 'refused' } }, spec: twoContainers } }),
    'spec.template.spec.containers[name=side].imagePullPolicy: Unsupported value: "Sometimes": supported values: "Always", "IfNotPresent", "Never"',
  ],
  [
    'what is no quantity',
    deployment({}, { resources: { requests: { cpu: '1 core' } } }),
    'spec.template.spec.containers[name=app].resources.requests.cpu: "1 core" is not a quantity',
  ],
  [
    'a map where a list is wanted',
    deployment({}, { env: { A: 'b' } }),
    /containers\[name=app\].env: expected list$/,
  ],
  ['a field nothing is near to', deployment({ zzz: 1 }), /^spec.zzz is not a field$/],
  [
    'a wrong type',
    deployment({ replicas: 'two' }),
    'spec.replicas: expected numeric (int or float), got string',
  ],
  [
    'a number where text is wanted',
    configMap(fixture, 'number', { PORT: 8080 }),
    'data.PORT: expected string; put the value in quotes',
  ],
  [
    'a list where text is wanted',
    configMap(fixture, 'list', { PORTS: [1, 2] }),
    'data.PORTS: expected string',
  ],
  [
    'two entries with one key',
    deployment(
      {},
      {
        env: [
          { name: 'A', value: '1' },
          { name: 'A', value: '2' },
        ],
      },
    ),
    'spec.template.spec.containers[name=app].env has two entries with name=A',
  ],
  ['a missing field', named('v1', 'Service', 'refused', { spec: {} }), 'spec.ports: Required value'],
  [
    'a bad label',
    configMap(fixture, 'bad', {}, { labels: { a: 'b c!' } }),
    /^metadata.labels: Invalid value: "b c!": a valid label/,
  ],
  ['a value that is not base64', secret({ a: 'not base64!' }), 'a value under data is not base64'],
  [
    'an unknown kind',
    named('example.com/v1', 'Widget', 'w', {}),
    'cluster sandbox has no kind Widget in example.com/v1',
  ],
  [
    'an old version',
    named('apps/v1beta1', 'Deployment', 'w', {}),
    'cluster sandbox has no kind Deployment in apps/v1beta1',
  ],
  [
    'a missing namespace',
    rendered({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'not-there' } }),
    'the namespace not-there does not exist on cluster sandbox',
  ],
])('%s is reported with its file and line', async (_, object, reason) => {
  const change = await refusal([object]);
  expect(change?.failure).toMatchObject({
    summary: typeof reason === 'string' ? reason : expect.stringMatching(reason),
    place: object.source,
  });
  expect(change?.source).toEqual({ file: object.source.file, line: 1 });
  expect(hintOfChange(change)).toBeTruthy();
});

test('the hint names the version in which the cluster serves a kind', async () => {
  const change = await refusal([named('apps/v1beta1', 'Deployment', 'w', {})]);
  expect(hintOfChange(change)).toBe('The cluster serves it as apps/v1: change apiVersion.');
});

test.each<[string, RenderedObject, RenderedObject, string]>([
  [
    'a Deployment’s selector',
    deployment(),
    deployment({
      selector: { matchLabels: { app: 'other' } },
      template: {
        metadata: { labels: { app: 'other' } },
        spec: { containers: [{ name: 'app', image: 'a' }] },
      },
    }),
    'spec.selector cannot be changed; set slipway.dev/recreate: allowed, or rename it',
  ],
  [
    'a Job’s template',
    named('batch/v1', 'Job', 'refused', {
      spec: {
        suspend: true,
        template: { spec: { restartPolicy: 'Never', containers: [{ name: 'a', image: 'a:1' }] } },
      },
    }),
    named('batch/v1', 'Job', 'refused', {
      spec: {
        suspend: true,
        completions: 3,
        template: { spec: { restartPolicy: 'Never', containers: [{ name: 'a', image: 'a:1' }] } },
      },
    }),
    'spec.completions cannot be changed; set slipway.dev/recreate: allowed, or rename it',
  ],
  [
    'an immutable ConfigMap',
    named('v1', 'ConfigMap', 'frozen', { immutable: true, data: { a: '1' } }),
    named('v1', 'ConfigMap', 'frozen', { immutable: true, data: { a: '2' } }),
    'data cannot be changed while immutable: true is set; set slipway.dev/recreate: allowed, or rename it',
  ],
])('a change of %s is explained', async (title, before, after, reason) => {
  const app = title.toLowerCase().replace(/\W+/g, '-');
  await release(alone(app), [before]);
  const change = await refusal([after], app);
  expect(reasonOfChange(change)).toBe(reason);
  expect(hintOfChange(change)).toContain('Restore the old value');
});

test('no refusal of a Secret quotes a value of it', async () => {
  const value = 'hunter2-is-the-password';
  const encoded = Buffer.from(value).toString('base64');
  const objects = [
    secret({ '.dockerconfigjson': encoded }, { type: 'kubernetes.io/dockerconfigjson' }),
    secret({ a: value }),
    secret({ a: encoded }, { stringDatas: { a: value } }),
    secret({ a: [value] as never }),
  ];
  for (const object of objects) {
    const change = await refusal([object]);
    expect(change?.action).toBe('failed');
    expect(JSON.stringify(change)).not.toMatch(new RegExp(`hunter2|${encoded.slice(0, 12)}`));
  }
});

test('the error for a kind whose definition is in a later wave names the definition', async () => {
  const late = definition('Late', 'lates', 'late.example.com');
  const metadata = { ...(late.metadata as JsonObject), annotations: { 'slipway.dev/wave': '2' } };
  const change = await refusal([
    named('late.example.com/v1', 'Late', 'l', {}),
    rendered({ ...late, metadata }, 'late.yaml'),
  ]);

  expect(hintOfChange(change)).toBe(
    'Its CustomResourceDefinition (late.yaml:1) is in wave 2, which comes later: give it an earlier one.',
  );
});
