import { deploymentHealth } from '../../src/health/kinds/deployment.ts';
import { isApiError } from '../../src/kube/client/api-error.ts';
import { createKubeClient, type KubeClient } from '../../src/kube/client/client.ts';
import { clusterDefaults } from '../../src/kube/input.ts';
import { textAt } from '../../src/model/json.ts';
import type { KubeObject } from '../../src/model/object.ts';
import { sandbox } from './sandbox.ts';
import { eventually } from './slipway.ts';

/** A client with the administrator's rights; whoever asks for it closes it. */
export function adminClient(kubeconfig = sandbox().kubeconfig): KubeClient {
  return createKubeClient({ name: 'sandbox', kubeconfig: { files: [kubeconfig] }, ...clusterDefaults });
}

const collections = {
  configmap: (namespace: string) => `/api/v1/namespaces/${namespace}/configmaps`,
  deployment: (namespace: string) => `/apis/apps/v1/namespaces/${namespace}/deployments`,
  job: (namespace: string) => `/apis/batch/v1/namespaces/${namespace}/jobs`,
  namespace: () => '/api/v1/namespaces',
  secret: (namespace: string) => `/api/v1/namespaces/${namespace}/secrets`,
};

/** The object as the API server has it now, or undefined if it does not exist. */
export async function getObject(
  kind: keyof typeof collections,
  namespace: string,
  name: string,
): Promise<KubeObject | undefined> {
  const client = adminClient();
  try {
    return (await client.request({ path: `${collections[kind](namespace)}/${name}` })).body as KubeObject;
  } catch (error) {
    if (isApiError(error, 404)) return undefined;
    throw error;
  } finally {
    await client.close();
  }
}

/** The object without its status, which its controller may write at any time, and without managed fields. */
export function asked(object: KubeObject | undefined): Partial<KubeObject> {
  const { resourceVersion: _version, managedFields: _owners, ...metadata } = object?.metadata ?? {};
  return { metadata, spec: object?.spec };
}

/** Waits until a new namespace accepts pods: it refuses them until a controller has created its service account. */
export async function takesPods(client: KubeClient, namespace: string): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/default`;
  await eventually(`the service account of ${namespace}`, () => client.request({ path }));
}

/** Waits until the API server knows the rights that were just granted to the user. */
export async function mayDo(client: KubeClient, user: string, what: ResourceAttributes): Promise<void> {
  const apiVersion = 'authorization.k8s.io/v1';
  const path = `/apis/${apiVersion}/subjectaccessreviews`;
  const body = { apiVersion, kind: 'SubjectAccessReview', spec: { user, resourceAttributes: { ...what } } };
  await eventually(`the right of ${user}`, async () => {
    const response = await client.request({ method: 'POST', path, body });
    return (response.body.status as { allowed: boolean }).allowed;
  });
}

interface ResourceAttributes {
  verb: string;
  group: string;
  resource: string;
  namespace: string;
}

/** Makes the pods ready that the sandbox holds back (images `:held`), and waits until their Deployments are rolled out. */
export async function letGo(namespace: string, kubeconfig = sandbox().kubeconfig): Promise<void> {
  const client = adminClient(kubeconfig);
  try {
    await eventually('the rollout of the held pods', async () => {
      await releasePods(client, namespace);
      const deployments = await list(client, `/apis/apps/v1/namespaces/${namespace}/deployments`);
      const held = deployments.filter(({ spec }) => JSON.stringify(spec).includes(':held"'));
      return held.length > 0 && held.every((one) => deploymentHealth(one).state === 'healthy');
    });
  } finally {
    await client.close();
  }
}

async function releasePods(client: KubeClient, namespace: string): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}/pods`;
  for (const { metadata } of await list(client, path)) {
    if (textAt(metadata, 'annotations', 'sandbox/held') === 'no') continue;
    const body = { metadata: { annotations: { 'sandbox/held': 'no' } } };
    const contentType = 'application/merge-patch+json';
    await client.request({ method: 'PATCH', path: `${path}/${metadata.name}`, contentType, body });
  }
}

async function list(client: KubeClient, path: string): Promise<KubeObject[]> {
  return (await client.request({ path })).body.items as KubeObject[];
}
