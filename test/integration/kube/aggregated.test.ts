import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeFolder } from '../../../sandbox/folder.ts';
import { startKubernetes } from '../../../sandbox/kubernetes/kubernetes.ts';
import { createCluster } from '../../../src/kube/cluster.ts';
import { sandbox } from '../../support/sandbox.ts';
import { eventually } from '../../support/slipway.ts';
import { configMap, createNamespace, lines, release, rendered, startFixture } from './release-setup.ts';

/** A cluster for this file only: while an API is down, no release prunes anything. */
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
async function registerDownApi(group: string): Promise<() => Promise<unknown>> {
  const path = '/apis/apiregistration.k8s.io/v1/apiservices';
  const service = { namespace, name: 'not-there', port: 443 };
  const priorities = { groupPriorityMinimum: 100, versionPriority: 10 };
  const spec = { group, version: 'v1', service, insecureSkipTLSVerify: true, ...priorities };
  const metadata = { name: `v1.${group}` };
  const body = { apiVersion: 'apiregistration.k8s.io/v1', kind: 'APIService', metadata, spec };
  await fixture.admin.request({ method: 'POST', path, body });
  return () => fixture.admin.request({ method: 'DELETE', path: `${path}/v1.${group}` });
}

test('while an aggregated API is down, nothing is deleted and its kinds are not reported as missing', async () => {
  const group = `metrics-${namespace}.example.com`;
  const keep = configMap(fixture, 'down-keep');
  await release(fixture, [keep, configMap(fixture, 'down-drop')]);
  const remove = await registerDownApi(group);
  const isListed = async () => {
    const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
    return JSON.stringify((await fixture.admin.request({ path: '/apis', accept })).body).includes(group);
  };
  await eventually('the API in discovery', isListed);
  const during = await releaseAnew([keep]);
  const metadata = { name: 'meter', namespace };
  const meter = rendered({ apiVersion: `${group}/v1`, kind: 'Meter', metadata });
  const withMeter = releaseAnew([keep, meter]);
  await expect(withMeter).rejects.toMatchObject({
    code: 'CLUSTER_UNREACHABLE',
    message: `the API ${group}/v1 of cluster sandbox is down`,
    hint: expect.stringContaining(`kubectl get apiservices v1.${group}`),
  });
  const fresh = createCluster(fixture.input);
  await expect(fresh.isNamespaced(group, 'Meter')).rejects.toMatchObject({ retryable: true });
  await fresh.close();
  await remove();
  await eventually('the API gone from discovery', async () => !(await isListed()));

  const after = await releaseAnew([keep]);

  expect(during.pruned).toMatchObject([
    { action: 'skipped', notice: { summary: expect.stringContaining(`${group}/v1 is down`) } },
  ]);
  expect(lines(after.pruned)).toEqual([`pruned ConfigMap ${namespace}/down-drop`]);
});

/** With an empty discovery cache. */
async function releaseAnew(objects: ReturnType<typeof configMap>[]) {
  const fresh = createCluster(fixture.input);
  try {
    return await release({ ...fixture, cluster: fresh }, objects);
  } finally {
    await fresh.close();
  }
}
