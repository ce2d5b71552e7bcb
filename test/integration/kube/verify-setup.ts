import { vi } from 'vitest';
import { PATIENCE_MS } from '../../../sandbox/until.ts';
import { type Applied, appliedObject } from '../../../src/kube/apply/applied.ts';
import { createKubeClient, type KubeClient } from '../../../src/kube/client/client.ts';
import { createDiscovery } from '../../../src/kube/discovery/discovery.ts';
import { objectPath, type Resource } from '../../../src/kube/discovery/resource.ts';
import { clusterDefaults } from '../../../src/kube/input.ts';
import { partOfLabel } from '../../../src/kube/inventory/applyset.ts';
import { createInventoryCache } from '../../../src/kube/live/inventory-cache.ts';
import { verifyApplied } from '../../../src/kube/verify/verify.ts';
import { createWatchHub, type WatchHub } from '../../../src/kube/watch/watch-hub.ts';
import { type KubeObject, refOf } from '../../../src/model/object.ts';
import type { Unhealthy, VerifyOptions } from '../../../src/ports/cluster.ts';
import { takesPods } from '../../support/cluster.ts';
import { sandbox, uniqueNamespace } from '../../support/sandbox.ts';

export function sandboxClient(): KubeClient {
  return createKubeClient({
    name: 'sandbox',
    kubeconfig: { files: [sandbox().kubeconfig] },
    ...clusterDefaults,
  });
}

/** A separate namespace, with everything a release needs to apply and verify there. */
export interface Site {
  namespace: string;
  applySetId: string;
  client: KubeClient;
  hub: WatchHub;
  apply(...objects: object[]): Promise<Applied[]>;
  /** The current state of the same objects: a wait that starts with it needs no events. */
  fresh(applied: Applied[]): Promise<Applied[]>;
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
  await takesPods(own, namespace);
  const cache = createInventoryCache(client, hub);
  return {
    namespace,
    applySetId,
    client,
    hub,
    apply: (...objects) => Promise.all(objects.map((one) => apply(one as KubeObject))),
    fresh: (applied) =>
      Promise.all(
        applied.map(async (one) => {
          const { body } = await own.request({ path: `${one.path}/${one.ref.name}` });
          return { ...one, live: body as KubeObject };
        }),
      ),
    async verify(applied, change = {}) {
      const { unhealthy } = await verifyApplied(
        applied,
        { client, hub, cache, setId: applySetId },
        { signal: new AbortController().signal, timeoutMs: PATIENCE_MS, failFastMs: PATIENCE_MS, ...change },
      );
      return [...unhealthy];
    },
    async close() {
      hub.close();
      await own.request({ method: 'DELETE', path: `/api/v1/namespaces/${namespace}` });
      await Promise.all([own.close(), client.close()]);
    },
  };

  /** A kind is served shortly after its definition is created. */
  async function served(object: KubeObject): Promise<Resource> {
    const resource = await discovery.resource(refOf(object));
    if (!resource) throw new Error(`the cluster does not serve ${object.kind}`);
    return resource;
  }

  async function apply(object: KubeObject): Promise<Applied> {
    const resource = await vi.waitFor(() => served(object), { timeout: PATIENCE_MS, interval: 200 });
    return applyObject(
      own,
      resource,
      withSet(object, resource.namespaced ? namespace : undefined, applySetId),
    );
  }
}

function withSet(object: KubeObject, namespace: string | undefined, applySetId: string): KubeObject {
  const placement = namespace === undefined ? {} : { namespace };
  const metadata = { ...object.metadata, ...placement, labels: { [partOfLabel]: applySetId } };
  return { ...object, metadata };
}

async function applyObject(client: KubeClient, resource: Resource, object: KubeObject): Promise<Applied> {
  const ref = refOf(object);
  const response = await client.request({
    method: 'PATCH',
    path: objectPath(resource, ref),
    query: { fieldManager: 'slipway', force: true },
    contentType: 'application/apply-patch+yaml',
    body: object,
  });
  const live = response.body as KubeObject;
  return appliedObject(ref, resource, { live, created: response.status === 201 });
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
