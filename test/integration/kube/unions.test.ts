import { beforeAll, expect, test } from 'vitest';
import { objectOf } from '../../../src/model/json.ts';
import type { JsonObject, RenderedObject } from '../../../src/model/object.ts';
import { definition, definitionPath } from './custom-kind.ts';
import { dryRun } from './ignore-setup.ts';
import {
  createNamespace,
  type Fixture,
  lines,
  patch,
  read,
  release,
  rendered,
  startFixture,
  targetOf,
} from './release-setup.ts';

const fixture = startFixture();
const { namespace } = fixture;

beforeAll(() => createNamespace(fixture));

function alone(app: string): Fixture {
  return { ...fixture, target: targetOf(namespace, app) };
}

interface Parts {
  spec?: JsonObject;
  pod?: JsonObject;
  container?: JsonObject;
}

function workload(kind: string, name: string, { spec, pod, container }: Parts): RenderedObject {
  const labels = { app: name };
  const containers = [{ name: 'app', image: 'app:v1', ...container }];
  const template = { metadata: { labels }, spec: { containers, ...pod } };
  const replicas = kind === 'DaemonSet' ? {} : { replicas: 0 };
  return rendered({
    apiVersion: 'apps/v1',
    kind,
    metadata: { name, namespace },
    spec: { ...replicas, selector: { matchLabels: labels }, template, ...spec },
  });
}

const pathOf = (kind: string, name: string) =>
  `/apis/apps/v1/namespaces/${namespace}/${kind.toLowerCase()}s/${name}`;

const volume = (source: JsonObject): Parts => ({ pod: { volumes: [{ name: 'data', ...source }] } });
const variable = (source: JsonObject): Parts => ({ container: { env: [{ name: 'A', ...source }] } });
const probe = (livenessProbe: JsonObject): Parts => ({ container: { livenessProbe } });
const podName = { valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } };
const podUid = { valueFrom: { fieldRef: { fieldPath: 'metadata.uid' } } };

/** From one member of a union to another. `edit` is what somebody else does to the pod's spec in between. */
const changes: {
  title: string;
  kind?: string;
  from: Parts;
  to: Parts;
  edit?: JsonObject;
  /** A part of the spec that is then live. */
  live: (spec: JsonObject) => unknown;
  expected: unknown;
}[] = [
  {
    title: 'a Deployment’s default strategy to Recreate',
    from: {},
    to: { spec: { strategy: { type: 'Recreate' } } },
    live: ({ strategy }) => strategy,
    expected: { type: 'Recreate' },
  },
  {
    title: 'a Deployment’s default strategy to Recreate with an explicit null',
    from: {},
    to: { spec: { strategy: { type: 'Recreate', rollingUpdate: null } } },
    live: ({ strategy }) => strategy,
    expected: { type: 'Recreate' },
  },
  {
    title: 'a StatefulSet’s default update strategy to OnDelete',
    kind: 'StatefulSet',
    from: { spec: { serviceName: 'x' } },
    to: { spec: { serviceName: 'x', updateStrategy: { type: 'OnDelete' } } },
    live: ({ updateStrategy }) => updateStrategy,
    expected: { type: 'OnDelete' },
  },
  {
    title: 'a volume’s default source to a ConfigMap',
    from: volume({}),
    to: volume({ configMap: { name: 'a' } }),
    live: ({ volumes }) => volumes,
    expected: [{ name: 'data', configMap: { name: 'a', defaultMode: 420 } }],
  },
  {
    title: 'a volume’s source that somebody edited',
    from: volume({ configMap: { name: 'a' } }),
    edit: { volumes: [{ name: 'data', configMap: { name: 'b', optional: true } }] },
    to: volume({ emptyDir: {} }),
    live: ({ volumes }) => volumes,
    expected: [{ name: 'data', emptyDir: {} }],
  },
  {
    title: 'a probe’s handler that somebody edited',
    from: probe({ httpGet: { port: 80 }, periodSeconds: 7 }),
    edit: { containers: [{ name: 'app', livenessProbe: { httpGet: { path: '/live' }, timeoutSeconds: 9 } }] },
    to: probe({ tcpSocket: { port: 80 }, periodSeconds: 7 }),
    live: ({ containers }) => containerOf(containers).livenessProbe,
    expected: {
      tcpSocket: { port: 80 },
      periodSeconds: 7,
      timeoutSeconds: 9,
      successThreshold: 1,
      failureThreshold: 3,
    },
  },
  {
    title: 'a variable that somebody set to a value',
    from: variable(podName),
    edit: { containers: [{ name: 'app', env: [{ name: 'A', value: 'theirs', valueFrom: null }] }] },
    to: variable(podUid),
    live: ({ containers }) => containerOf(containers).env,
    expected: [{ name: 'A', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.uid' } } }],
  },
];

function containerOf(containers: unknown): JsonObject {
  return objectOf(Array.isArray(containers) ? containers[0] : undefined);
}

test.each(changes)('changes $title', async ({ kind = 'Deployment', from, to, edit, live, expected }) => {
  const name = `union-${changes.findIndex((one) => one.to === to)}`;
  const app = alone(name);
  const path = pathOf(kind, name);
  await release(app, [workload(kind, name, from)]);
  if (edit) {
    await fixture.admin.request({
      method: 'PATCH',
      path,
      query: { fieldManager: 'kubectl-edit' },
      contentType: 'application/strategic-merge-patch+json',
      body: { spec: { template: { spec: edit } } },
    });
  }
  const wanted = [workload(kind, name, to)];

  const plan = await dryRun(app, wanted);
  const { applied } = await release(app, wanted);
  const changed = await read(fixture, path);
  await release(app, wanted);
  const again = await release(app, wanted);

  expect(lines(plan)).toEqual([`configured ${kind} ${namespace}/${name}`]);
  expect(lines(applied)).toEqual([`configured ${kind} ${namespace}/${name}`]);
  expect(applied[0]?.notice).toMatchObject({ kind: 'resolved' });
  const spec = objectOf(changed?.spec);
  expect(live({ ...spec, ...objectOf(objectOf(spec.template).spec) })).toEqual(expected);
  expect(lines(again.applied)).toEqual([`unchanged ${kind} ${namespace}/${name}`]);
});

test('says which field went when a union changed its member', async () => {
  const app = alone('said');
  await release(app, [workload('Deployment', 'said', {})]);

  const { applied } = await release(app, [
    workload('Deployment', 'said', { spec: { strategy: { type: 'Recreate' } } }),
  ]);

  expect(applied[0]?.notice?.summary).toBe(
    'spec.strategy.rollingUpdate went, which no file has and which excludes what the file has',
  );
  expect(applied[0]?.fields.map(({ path }) => path)).toContain('spec.strategy.rollingUpdate');
});

test('still refuses a file that itself has two members of a union', async () => {
  const both = volume({ configMap: { name: 'a' }, emptyDir: {} });
  const app = alone('both');
  await release(app, [workload('Deployment', 'both', volume({}))]);

  const { applied } = await release(app, [workload('Deployment', 'both', both)]);

  expect(applied[0]).toMatchObject({ action: 'failed', failure: { code: 'OBJECT_INVALID' } });
});

test('removes a conversion webhook that somebody else set too', async () => {
  const group = `unions-${namespace}.example.com`;
  const path = definitionPath('cogs', group);
  const cogs = (conversion: JsonObject) => {
    const object = definition('Cog', 'cogs', group);
    return rendered({ ...object, spec: { ...objectOf(object.spec), conversion } });
  };
  const service = { name: 'a', namespace, path: '/convert', port: 443 };
  const webhook = { conversionReviewVersions: ['v1'], clientConfig: { service } };
  await release(alone('cogs'), [cogs({ strategy: 'Webhook', webhook })]);
  await patch(fixture, path, {
    spec: { conversion: { webhook: { clientConfig: { service: { ...service, port: 8443 } } } } },
  });

  const { applied } = await release(alone('cogs'), [cogs({ strategy: 'None' })]);

  expect(applied).toMatchObject([{ action: 'configured' }]);
  expect(objectOf((await read(fixture, path))?.spec).conversion).toEqual({ strategy: 'None' });
  await fixture.admin.request({ method: 'DELETE', path });
});
