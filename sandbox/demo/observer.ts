import { createKubeClient } from '../../src/kube/client/client.ts';
import { clusterDefaults } from '../../src/kube/input.ts';
import type { KubeObject } from '../../src/model/object.ts';

/** The demo's own view of the API server: a watch beside Slipway's, so that nothing relies on what Slipway reports. */
export interface Observer {
  /** The object as it is now. */
  get(path: string): Promise<KubeObject | undefined>;
  /** Resolves with the moment (ms since the epoch) at which `test` first held for the object at `path`. */
  when(path: string, test: (object: KubeObject | undefined) => boolean, timeoutMs?: number): Promise<number>;
  close(): Promise<void>;
}

export const deploymentPath = (namespace: string, name: string) =>
  `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`;
export const configMapPath = (namespace: string, name: string) =>
  `/api/v1/namespaces/${namespace}/configmaps/${name}`;

export function observe(kubeconfig: string): Observer {
  const client = createKubeClient({
    ...clusterDefaults,
    name: 'demo',
    kubeconfig: { files: [kubeconfig] },
  });
  const get = async (path: string): Promise<KubeObject | undefined> => {
    try {
      return (await client.request({ path })).body as KubeObject;
    } catch (error) {
      if (error instanceof Error && 'status' in error && error.status === 404) return undefined;
      throw error;
    }
  };

  async function watchUntil(
    path: string,
    test: (object: KubeObject | undefined) => boolean,
    ending: AbortController,
  ) {
    const slash = path.lastIndexOf('/');
    const query = { fieldSelector: `metadata.name=${path.slice(slash + 1)}` };
    let seenAt: number | undefined;
    while (seenAt === undefined && !ending.signal.aborted) {
      await client
        .watch({ path: path.slice(0, slash), query, signal: ending.signal }, ({ type, object }) => {
          if (seenAt !== undefined || !test(type === 'DELETED' ? undefined : object)) return;
          seenAt = Date.now();
          ending.abort();
        })
        .catch((error: unknown) => {
          if (!ending.signal.aborted) throw error;
        });
    }
    return seenAt;
  }

  return {
    get,
    async when(path, test, timeoutMs = 30_000) {
      const ending = new AbortController();
      const timer = setTimeout(() => ending.abort(), timeoutMs);
      const seen = watchUntil(path, test, ending);
      // A watch that begins after the deletion gets no event about it.
      if (test(await get(path))) {
        ending.abort();
        return Date.now();
      }
      const at = await seen.finally(() => clearTimeout(timer));
      if (at === undefined) throw new Error(`${path}: not seen within ${timeoutMs / 1000} s`);
      return at;
    },
    close: () => client.close(),
  };
}

/** The image of a Deployment's first container. */
export function imageOf(object: KubeObject | undefined): string | undefined {
  return /"image":"([^"]+)"/.exec(JSON.stringify(object ?? {}))?.[1];
}

/** Whether the Deployment runs this image in this many ready pods, and no older pods. */
export function runs(object: KubeObject | undefined, image: string, replicas: number): boolean {
  const status = object?.status as Record<string, number> | undefined;
  return (
    imageOf(object) === image &&
    status?.observedGeneration === object?.metadata.generation &&
    status?.updatedReplicas === replicas &&
    status?.availableReplicas === replicas &&
    status?.replicas === replicas
  );
}
