import { partOfLabel } from '../../../src/kube/applyset.ts';
import { createKubeClient, type KubeClient } from '../../../src/kube/client/client.ts';
import { createDiscovery, type Discovery } from '../../../src/kube/discovery/discovery.ts';
import { collectionPath, objectPath } from '../../../src/kube/discovery/resource.ts';
import { clusterDefaults } from '../../../src/kube/input.ts';
import { type Applied, verifyApplied } from '../../../src/kube/verify.ts';
import { createWatchHub, type WatchHub } from '../../../src/kube/watch-hub.ts';
import { type KubeObject, refOf } from '../../../src/model/object.ts';
import type { Unhealthy, VerifyOptions } from '../../../src/ports/cluster.ts';
import { sandbox, uniqueNamespace } from '../../support/sandbox.ts';

export function sandboxClient(change: (kubeconfig: string) => KubeconfigText = same): KubeClient {
  return createKubeClient({
    name: 'sandbox',
    kubeconfig: change(sandbox().kubeconfig),
    ...clusterDefaults,
  });
}

type KubeconfigText = { files: string[] } | { content: string };

function same(file: string): KubeconfigText {
  return { files: [file] };
}

/** A namespace of its own with what a release needs to apply and verify there. */
export interface Site {
  namespace: string;
  applySetId: string;
  client: KubeClient;
  hub: WatchHub;
  apply(...objects: object[]): Promise<Applied[]>;
  verify(applied: Applied[], options?: Partial<VerifyOptions>): Promise<Unhealthy[]>;
  close(): Promise<void>;
}

export interface SiteOptions {
  client?: KubeClient;
  hub?: WatchHub;
  namespace?: string;
}

export async function createSite(options: SiteOptions = {}): Promise<Site> {
  const namespace = options.namespace ?? uniqueNamespace('verify');
  const own = sandboxClient();
  const client = options.client ?? own;
  const hub = options.hub ?? createWatchHub(client);
  const applySetId = `applyset-${uniqueNamespace('set')}-v1`;
  const discovery = createDiscovery(own);
  await own.request({
    method: 'PATCH',
    path: `/api/v1/namespaces/${namespace}`,
    query: { fieldManager: 'test', force: true },
    contentType: 'application/apply-patch+yaml',
    body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
  });
  return {
    namespace,
    applySetId,
    client,
    hub,
    apply: (...objects) => Promise.all(objects.map((one) => apply(one as KubeObject))),
    verify: (applied, change = {}) =>
      verifyApplied(
        applied,
        { client, hub, applySetId },
        { signal: new AbortController().signal, timeoutMs: 15_000, failFastMs: 15_000, ...change },
      ),
    async close() {
      hub.close();
      await own.request({ method: 'DELETE', path: `/api/v1/namespaces/${namespace}` });
      await Promise.all([own.close(), client.close()]);
    },
  };

  async function apply(object: KubeObject): Promise<Applied> {
    return applyObject(own, discovery, withSet(object, namespace, applySetId));
  }
}

function withSet(object: KubeObject, namespace: string, applySetId: string): KubeObject {
  const metadata = { ...object.metadata, namespace, labels: { [partOfLabel]: applySetId } };
  return { ...object, metadata };
}

async function applyObject(client: KubeClient, discovery: Discovery, object: KubeObject): Promise<Applied> {
  const ref = refOf(object);
  const resource = await discovery.resource(ref);
  if (!resource) throw new Error(`the cluster does not serve ${ref.kind}`);
  const answer = await client.request({
    method: 'PATCH',
    path: objectPath(resource, ref),
    query: { fieldManager: 'slipway', force: true },
    contentType: 'application/apply-patch+yaml',
    body: object,
  });
  const live = answer.body as KubeObject;
  return { ref, path: collectionPath(resource, ref.namespace), live, created: answer.status === 201 };
}

export function deployment(name: string, image: string, { replicas = 2, env = [] as object[] } = {}): object {
  const labels = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'app', image, env }] } },
    },
  };
}

export function job(name: string, image: string, spec: object = {}): object {
  const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'app', image }] } };
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name },
    spec: { backoffLimit: 0, template, ...spec },
  };
}

export function configMap(name: string): object {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { color: 'green' } };
}
