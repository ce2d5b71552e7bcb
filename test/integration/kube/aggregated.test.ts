import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeFolder } from '../../../sandbox/folder.ts';
import { startKubernetes } from '../../../sandbox/kubernetes/kubernetes.ts';
import { createCluster } from '../../../src/kube/cluster.ts';
import { objectsAt, textAt } from '../../../src/model/json.ts';
import type { RenderedObject } from '../../../src/model/object.ts';
import { sandbox } from '../../support/sandbox.ts';
import { eventually } from '../../support/slipway.ts';
import { definition } from './custom-kind.ts';
import { configMap, createNamespace, lines, release, rendered, startFixture } from './release-setup.ts';

/** A cluster for this file only: while an API is down, its discovery is incomplete for everybody. */
const folder = await makeFolder();
const kubernetes = await startKubernetes({ dir: folder.path, programs: sandbox().programs });
afterAll(async () => {
  await kubernetes.stop();
  await folder.remove();
});
const fixture = startFixture({}, kubernetes.kubeconfig);
const { namespace } = fixture;

beforeAll(() => createNamespace(fixture));

/** An API whose server does not exist: the API server then returns an incomplete discovery. */
async function registerDownApi(group: string, version = 'v1'): Promise<() => Promise<unknown>> {
  const path = '/apis/apiregistration.k8s.io/v1/apiservices';
  const service = { namespace, name: 'not-there', port: 443 };
  const priorities = { groupPriorityMinimum: 100, versionPriority: 10 };
  const spec = { group, version, service, insecureSkipTLSVerify: true, ...priorities };
  const metadata = { name: `${version}.${group}` };
  const body = { apiVersion: 'apiregistration.k8s.io/v1', kind: 'APIService', metadata, spec };
  await fixture.admin.request({ method: 'POST', path, body });
  await eventually('the API in discovery', () => isListed(group, version));
  return async () => {
    await fixture.admin.request({ method: 'DELETE', path: `${path}/${version}.${group}` });
    await eventually('the API gone from discovery', async () => !(await isListed(group, version)));
  };
}

async function isListed(group: string, version: string): Promise<boolean> {
  const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
  const { body } = await fixture.admin.request({ path: '/apis', accept });
  const listed = objectsAt(body, 'items').find(({ metadata }) => textAt(metadata ?? {}, 'name') === group);
  return objectsAt(listed ?? {}, 'versions').some((one) => one.version === version);
}

test('while an API of the inventory is down, nothing of its kinds is deleted, and what is left of them is found afterwards', async () => {
  const group = `parts-${namespace}.example.com`;
  await fixture.admin.request({
    method: 'POST',
    path: '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
    body: definition('Part', 'parts', group),
  });
  const keep = configMap(fixture, 'part-keep');
  const part = rendered({ apiVersion: `${group}/v1`, kind: 'Part', metadata: { name: 'a', namespace } });
  await eventually('the kind', async () => {
    const { applied } = await releaseAnew([keep, configMap(fixture, 'part-drop'), part]);
    return applied.every(({ action }) => action !== 'failed');
  });
  const remove = await registerDownApi(group, 'v2');

  const during = await releaseAnew([keep]);
  await remove();
  const after = await releaseAnew([keep]);

  const summary = expect.stringContaining(`${group}/v2 is down`);
  expect(lines(during.pruned)).toEqual([
    `skipped Part ${namespace}/a`,
    `pruned ConfigMap ${namespace}/part-drop`,
  ]);
  expect(during.pruned[0]).toMatchObject({ notice: { summary } });
  expect(lines(after.pruned)).toEqual([`pruned Part ${namespace}/a`]);
});

test('an API that is down stops no prune of a target that has none of its kinds', async () => {
  const group = `metrics-${namespace}.example.com`;
  const keep = configMap(fixture, 'down-keep');
  await release(fixture, [keep, configMap(fixture, 'down-drop')]);
  const remove = await registerDownApi(group);

  const during = await releaseAnew([keep]);
  await remove();

  expect(lines(during.pruned)).toEqual([`pruned ConfigMap ${namespace}/down-drop`]);
});

test('while an aggregated API is down, its kinds are not reported as missing', async () => {
  const group = `meters-${namespace}.example.com`;
  const remove = await registerDownApi(group);
  const metadata = { name: 'meter', namespace };
  const meter = rendered({ apiVersion: `${group}/v1`, kind: 'Meter', metadata });

  await expect(releaseAnew([meter])).rejects.toMatchObject({
    code: 'CLUSTER_UNREACHABLE',
    message: `the API ${group}/v1 of cluster sandbox is down`,
    hint: expect.stringContaining(`kubectl get apiservices v1.${group}`),
  });
  const fresh = createCluster(fixture.input);
  await expect(fresh.isNamespaced(group, 'Meter')).rejects.toMatchObject({ retryable: true });
  await fresh.close();
  await remove();
});

/** With an empty discovery cache. */
async function releaseAnew(objects: RenderedObject[]) {
  const fresh = createCluster(fixture.input);
  try {
    return await release({ ...fixture, cluster: fresh }, objects);
  } finally {
    await fresh.close();
  }
}
