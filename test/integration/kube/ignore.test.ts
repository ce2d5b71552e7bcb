import { expect, test } from 'vitest';
import { ownEntry } from '../../../src/kube/managed-fields.ts';
import type { JsonObject, KubeObject } from '../../../src/model/object.ts';
import { kubectl } from '../../support/kubectl.ts';
import { eventually } from '../../support/slipway.ts';
import { atMap, replicas, startIgnoring } from './ignore-setup.ts';
import { configMap, corePath, lines, patch, release, rendered } from './release-setup.ts';

const { fixture, namespace, ignoring, deployment, deploymentPath, live } = startIgnoring();

test('a scaled Deployment keeps its replicas over releases, and no change set reports them', async () => {
  const app = ignoring('scaled', replicas);
  await release(app, [deployment('scaled')]);
  expect(await live(deploymentPath('scaled'))).toMatchObject({ spec: { replicas: 2 } });
  await kubectl(['scale', 'deployment/scaled', '--replicas=5', '-n', namespace]);

  const second = await release(app, [deployment('scaled', { image: 'web:v2' })]);

  expect(second.applied).toMatchObject([
    { action: 'configured', fields: [{ path: 'spec.template.spec.containers[name=web].image' }] },
  ]);
  expect(second.applied[0]?.tookFrom).toBeUndefined();
  expect(await live(deploymentPath('scaled'))).toMatchObject({ spec: { replicas: 5 } });

  const third = await release(app, [deployment('scaled', { image: 'web:v3', replicas: 3 })]);
  expect(lines(third.applied)).toEqual([`configured Deployment ${namespace}/scaled`]);
  expect(await live(deploymentPath('scaled'))).toMatchObject({ spec: { replicas: 5 } });
});

test('replicas that nobody else has set are not reset, not even briefly', async () => {
  const app = ignoring('unscaled', replicas);
  await release(app, [deployment('unscaled')]);
  const first = await live(deploymentPath('unscaled'));

  await release(app, [deployment('unscaled', { metadata: { labels: { note: '1' } } })]);

  const second = await live(deploymentPath('unscaled'));
  expect(second).toMatchObject({ metadata: { labels: { note: '1' } }, spec: { replicas: 2 } });
  // Every change of the spec increments it.
  expect(second.metadata.generation).toBe(first.metadata.generation);
  expect(JSON.stringify(ownEntry(second)?.fields)).not.toContain('f:replicas');
});

test('replicas that a HorizontalPodAutoscaler has set stay', async () => {
  const app = ignoring('autoscaled', replicas);
  await release(app, [deployment('autoscaled')]);
  await kubectl(['autoscale', 'deployment/autoscaled', '--min=4', '--max=6', '--cpu=80%', '-n', namespace]);
  await eventually('the autoscaler', async () => {
    const { spec } = await live(deploymentPath('autoscaled'));
    return (spec as JsonObject).replicas === 4;
  });

  const { applied } = await release(app, [deployment('autoscaled', { image: 'web:v2' })]);

  expect(applied[0]?.fields.map(({ path }) => path)).toEqual([
    'spec.template.spec.containers[name=web].image',
  ]);
  expect(await live(deploymentPath('autoscaled'))).toMatchObject({ spec: { replicas: 4 } });
});

const meta = (annotations: JsonObject) => ({ annotations });

test.each<[string, string, JsonObject, JsonObject]>([
  [
    'an annotation',
    'metadata.annotations[example.com/team.name]',
    meta({ 'example.com/team.name': 'a' }),
    meta({ 'example.com/team.name': 'b' }),
  ],
  ['all annotations', 'metadata.annotations', meta({ 'example.com/x': 'a' }), meta({ 'example.com/x': 'b' })],
  [
    'a label',
    'metadata.labels[example.com/tier]',
    { labels: { 'example.com/tier': 'a' } },
    { labels: { 'example.com/tier': 'b' } },
  ],
])('%s that another has set stays over releases', async (what, path, sent, changed) => {
  const name = what.replaceAll(' ', '-');
  const app = ignoring(name, atMap(path));
  const at = corePath(fixture, 'configmaps', name);
  await release(app, [configMap(fixture, name, { own: '1' }, sent)]);
  expect(await live(at)).toMatchObject({ metadata: sent });
  await patch(fixture, at, { metadata: changed });

  const { applied } = await release(app, [configMap(fixture, name, { own: '2' }, sent)]);

  expect(applied).toMatchObject([{ action: 'configured', fields: [{ path: 'data.own' }] }]);
  expect(await live(at)).toMatchObject({ metadata: changed, data: { own: '2' } });
});

test.each([
  ['a key', 'data.theirs', { own: '1', theirs: 'a' }],
  ['a key with dots', 'data[the.irs]', { own: '1', 'the.irs': 'a' }],
])('%s of a ConfigMap is left to others, and removed by them stays removed', async (what, path, data) => {
  const name = what.replaceAll(' ', '-');
  const app = ignoring(name, atMap(path));
  const at = corePath(fixture, 'configmaps', name);
  const [, theirs = ''] = Object.keys(data);
  await release(app, [configMap(fixture, name, data)]);
  await release(app, [configMap(fixture, name, { ...data, own: '2' })]);
  expect(await live(at)).toMatchObject({ data: { ...data, own: '2' } });
  await patch(fixture, at, { data: { [theirs]: null } });

  await release(app, [configMap(fixture, name, { ...data, own: '3' })]);

  expect((await live(at)).data).toEqual({ own: '3' });
});

test('a whole subtree is left to others', async () => {
  const app = ignoring('subtree', atMap('data'));
  const at = corePath(fixture, 'configmaps', 'subtree');
  await release(app, [configMap(fixture, 'subtree', { a: '1', b: '1' }, meta({ note: '1' }))]);
  await patch(fixture, at, { data: { a: '2', c: '2' } });

  const { applied } = await release(app, [
    configMap(fixture, 'subtree', { a: '3', b: '3' }, meta({ note: '2' })),
  ]);

  expect(applied[0]?.fields.map(({ path }) => path)).toEqual(['metadata.annotations.note']);
  expect((await live(at)).data).toEqual({ a: '2', b: '1', c: '2' });
});

test.each<[string, string, JsonObject, JsonObject]>([
  ['image', 'spec.template.spec.containers[name=web].image', {}, { image: 'web:theirs' }],
  [
    'resources',
    'spec.template.spec.containers[name=web].resources',
    { resources: { limits: { cpu: '1', memory: '1Gi' } } },
    { resources: { limits: { cpu: '2', memory: '1Gi' } } },
  ],
])('the %s of a container is left to others', async (what, path, container, theirs) => {
  const app = ignoring(what, { kind: 'Deployment.apps', name: what, path });
  const at = deploymentPath(what);
  const containersOf = (object: KubeObject) =>
    ((object.spec as JsonObject).template as { spec: { containers: JsonObject[] } }).spec.containers;
  await release(app, [deployment(what, { container })]);
  const strategic = JSON.stringify({
    spec: { template: { spec: { containers: [{ name: 'web', ...theirs }] } } },
  });
  await kubectl(['patch', 'deployment', what, '-n', namespace, '--type=strategic', '-p', strategic]);
  const env = [{ name: 'LEVEL', value: 'info' }];

  const { applied } = await release(app, [deployment(what, { container: { ...container, env } })]);

  expect(applied[0]?.fields.map((field) => field.path)).toEqual([
    'spec.template.spec.containers[name=web].env',
  ]);
  expect(containersOf(await live(at))).toMatchObject([{ name: 'web', env, ...theirs }]);
});

test('a new container is sent with its ignored fields, and removed as a whole', async () => {
  const app = ignoring('sidecar', { kind: 'Deployment', path: 'spec.template.spec.containers[*].image' });
  await release(app, [deployment('sidecar')]);
  const others = [{ name: 'log', image: 'log:v1' }];

  const added = await release(app, [deployment('sidecar', { image: 'web:v9', others })]);
  expect(added.applied).toMatchObject([{ action: 'configured' }]);
  const images = ['-n', namespace, '-o', 'jsonpath={.spec.template.spec.containers[*].image}'];
  expect(await kubectl(['get', 'deployment', 'sidecar', ...images])).toBe('web:v1 log:v1');

  await release(app, [deployment('sidecar', { others, metadata: { annotations: { note: '1' } } })]);
  await release(app, [deployment('sidecar')]);
  expect(await kubectl(['get', 'deployment', 'sidecar', ...images])).toBe('web:v1');
});

test("a webhook's caBundle is left to the controller that injects it", async () => {
  const name = `${namespace}.example.com`;
  const at = `/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/${namespace}`;
  const ours = Buffer.from('ours').toString('base64');
  const theirs = Buffer.from('theirs').toString('base64');
  const webhook = (caBundle: string, timeoutSeconds: number) =>
    rendered({
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingWebhookConfiguration',
      metadata: { name: namespace },
      webhooks: [
        {
          name,
          clientConfig: { service: { name: 'hook', namespace }, caBundle },
          rules: [
            {
              apiGroups: ['none.example.com'],
              apiVersions: ['v1'],
              operations: ['CREATE'],
              resources: ['none'],
            },
          ],
          sideEffects: 'None',
          admissionReviewVersions: ['v1'],
          timeoutSeconds,
        },
      ],
    });
  const path = `webhooks[name=${name}].clientConfig.caBundle`;
  const app = ignoring('webhook', { kind: 'ValidatingWebhookConfiguration', path });
  try {
    await release(app, [webhook(ours, 1)]);
    const inject = [{ op: 'replace', path: '/webhooks/0/clientConfig/caBundle', value: theirs }];
    await kubectl([
      'patch',
      'validatingwebhookconfiguration',
      namespace,
      '--type=json',
      '-p',
      JSON.stringify(inject),
    ]);

    const { applied } = await release(app, [webhook(ours, 2)]);

    expect(applied[0]?.fields.map((field) => field.path)).toEqual([`webhooks[name=${name}].timeoutSeconds`]);
    expect(await live(at)).toMatchObject({
      webhooks: [{ clientConfig: { caBundle: theirs }, timeoutSeconds: 2 }],
    });
  } finally {
    await fixture.admin.request({ method: 'DELETE', path: at });
  }
});

test('a rule applies only to its kind and its names', async () => {
  const app = ignoring(
    'names',
    { kind: 'ConfigMap', name: 'names-*-a', path: 'data.key' },
    { kind: 'ConfigMap.apps', path: 'data.key' },
    { kind: 'Secret', path: 'data.key' },
  );
  const objects = (key: string) =>
    ['names-1-a', 'names-1-b'].map((name) => configMap(fixture, name, { key }));
  await release(app, objects('1'));

  const { applied } = await release(app, objects('2'));

  expect(lines(applied)).toEqual([
    `unchanged ConfigMap ${namespace}/names-1-a`,
    `configured ConfigMap ${namespace}/names-1-b`,
  ]);
});

test('the port of a Service can be ignored by any field that identifies its entry', async () => {
  const app = ignoring('node-port', { kind: 'Service', path: 'spec.ports[name=http].nodePort' });
  const web = (nodePort: number, selector: string) =>
    rendered({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'node-port', namespace },
      spec: { type: 'NodePort', selector: { app: selector }, ports: [{ name: 'http', port: 80, nodePort }] },
    });
  await release(app, [web(30_901, 'a')]);

  const { applied } = await release(app, [web(30_902, 'b')]);

  expect(applied[0]?.fields.map(({ path }) => path)).toEqual(['spec.selector.app']);
  expect(await live(corePath(fixture, 'services', 'node-port'))).toMatchObject({
    spec: { ports: [{ nodePort: 30_901 }] },
  });
});
