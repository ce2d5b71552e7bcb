import { createKubeClient } from '../../src/kube/client/client.ts';
import { clusterDefaults } from '../../src/kube/input.ts';

export interface VersionWatch {
  /** Resolves to the time (ms since the epoch) at which so many objects had reached this version. */
  live(version: number, objects: number, timeoutMs?: number): Promise<number>;
  close(): Promise<void>;
}

const onlyMetadata = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';

/** Watches collections of the API server for the label `version` of their objects, independently of Slipway. */
export function watchVersions(kubeconfig: string, paths: string[]): VersionWatch {
  const client = createKubeClient({ ...clusterDefaults, name: 'bench', kubeconfig: { files: [kubeconfig] } });
  const ending = new AbortController();
  const seen = new Map<string, Set<string>>();
  const waiting = new Map<string, () => void>();

  const note = (label: string, object: string) => {
    const objects = seen.get(label) ?? new Set();
    seen.set(label, objects.add(object));
    waiting.get(label)?.();
  };
  for (const path of paths) void watchForEver(path);

  async function watchForEver(path: string) {
    while (!ending.signal.aborted) {
      await client
        .watch({ path, accept: onlyMetadata, signal: ending.signal }, ({ object }) => {
          const labels = object.metadata.labels as Record<string, string> | undefined;
          if (labels?.version) note(labels.version, `${path} ${object.metadata.name}`);
        })
        .catch(() => undefined);
    }
  }

  return {
    live(version, objects, timeoutMs = 30_000) {
      const label = `v${version}`;
      return new Promise((resolve, reject) => {
        const count = () => seen.get(label)?.size ?? 0;
        const timer = setTimeout(
          () =>
            reject(new Error(`${label} is on ${count()} of ${objects} objects after ${timeoutMs / 1000} s`)),
          timeoutMs,
        );
        const look = () => {
          if (count() < objects) return;
          clearTimeout(timer);
          waiting.delete(label);
          resolve(performance.timeOrigin + performance.now());
        };
        waiting.set(label, look);
        look();
      });
    },
    async close() {
      ending.abort();
      await client.close();
    },
  };
}
