import { createKubeClient } from '../../src/kube/client/client.ts';
import { clusterDefaults } from '../../src/kube/input.ts';
import { OBJECTS, watchPaths } from './app.ts';

export interface VersionWatch {
  /** Resolves with the moment (ms since the epoch) at which the last object had this version. */
  live(version: number): Promise<number>;
  close(): Promise<void>;
}

/** Watches the app's kinds on the API server, beside Slipway. */
export function watchVersions(kubeconfig: string, namespace: string): VersionWatch {
  const client = createKubeClient({ ...clusterDefaults, name: 'bench', kubeconfig: { files: [kubeconfig] } });
  const ending = new AbortController();
  const seen = new Map<string, Set<string>>();
  const waiting = new Map<string, (at: number) => void>();

  const note = (label: string, object: string) => {
    const objects = seen.get(label) ?? new Set();
    seen.set(label, objects.add(object));
    if (objects.size === OBJECTS) waiting.get(label)?.(performance.timeOrigin + performance.now());
  };
  for (const path of watchPaths(namespace)) {
    void watchForEver(path, note);
  }

  async function watchForEver(path: string, onLabel: (label: string, object: string) => void) {
    while (!ending.signal.aborted) {
      await client
        .watch({ path, signal: ending.signal }, ({ object }) => {
          const labels = object.metadata.labels as Record<string, string> | undefined;
          if (labels?.version) onLabel(labels.version, `${object.kind} ${object.metadata.name}`);
        })
        .catch(() => undefined);
    }
  }

  return {
    live(version) {
      const label = `v${version}`;
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          const got = [...(seen.get(label) ?? [])].join(', ');
          reject(new Error(`${label} is not live after 30 s; seen: ${got}`));
        }, 30_000);
        waiting.set(label, (at) => {
          clearTimeout(timer);
          resolve(at);
        });
      });
    },
    async close() {
      ending.abort();
      await client.close();
    },
  };
}
