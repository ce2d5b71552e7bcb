import type { KubeClient } from '../../src/kube/client/client.ts';
import type { KubeObject } from '../../src/model/object.ts';
import { kubectl } from './kubectl.ts';
import { eventually } from './slipway.ts';

/** The object as the API server has it now, or undefined. */
export async function getObject(
  kind: string,
  namespace: string,
  name: string,
): Promise<KubeObject | undefined> {
  const text = await kubectl(['get', kind, name, '-n', namespace, '-o', 'json', '--ignore-not-found']);
  return text.trim() === '' ? undefined : (JSON.parse(text) as KubeObject);
}

/** What an object is asked to be: its controller may write its status at any time. */
export function asked(object: KubeObject | undefined): Partial<KubeObject> {
  const { resourceVersion: _version, managedFields: _owners, ...metadata } = object?.metadata ?? {};
  return { metadata, spec: object?.spec };
}

/** A new namespace refuses pods until a controller has made its service account. */
export async function takesPods(client: KubeClient, namespace: string): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/default`;
  await eventually(`the service account of ${namespace}`, () => client.request({ path }));
}

/** Until the API server has heard of the rights that were just given to somebody. */
export async function mayDo(client: KubeClient, user: string, what: ResourceAttributes): Promise<void> {
  const apiVersion = 'authorization.k8s.io/v1';
  const path = `/apis/${apiVersion}/subjectaccessreviews`;
  const body = { apiVersion, kind: 'SubjectAccessReview', spec: { user, resourceAttributes: { ...what } } };
  await eventually(`the right of ${user}`, async () => {
    const serve = await client.request({ method: 'POST', path, body });
    return (serve.body.status as { allowed: boolean }).allowed;
  });
}

interface ResourceAttributes {
  verb: string;
  group: string;
  resource: string;
  namespace: string;
}
