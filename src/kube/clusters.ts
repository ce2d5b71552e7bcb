import type { ClusterConfig } from '../config/server-config.ts';
import { SlipwayError } from '../errors.ts';
import type { Clusters } from '../ports/cluster.ts';
import { createCluster, type OpenCluster } from './cluster.ts';
import { type ClusterInput, clusterDefaults, type KubeconfigSource } from './input.ts';

export interface OpenClusters extends Clusters {
  /** Ends all connections and watches. */
  close(): Promise<void>;
}

/** The clusters of server.yaml. Each is connected to when it is first used. */
export function createClusters(
  clusters: Record<string, ClusterConfig>,
  options: Pick<ClusterInput, 'environmentNamesProxy' | 'addSecret' | 'onReach'> = {},
): OpenClusters {
  const open = new Map<string, OpenCluster>();
  return {
    get(name) {
      const known = open.get(name);
      if (known) return known;
      const config = Object.hasOwn(clusters, name) ? clusters[name] : undefined;
      if (!config) throw unknownCluster(name, Object.keys(clusters));
      const cluster = createCluster({ ...inputOf(config), ...options });
      open.set(name, cluster);
      return cluster;
    },
    async close() {
      await Promise.all([...open.values()].map((cluster) => cluster.close()));
    },
  };
}

function unknownCluster(name: string, names: string[]): SlipwayError {
  return new SlipwayError('CONFIG_INVALID', `there is no cluster "${name}" in server.yaml`, {
    hint: `Its clusters: ${names.join(', ') || 'none'}.`,
  });
}

function inputOf(config: ClusterConfig): ClusterInput {
  const { name, context, stateNamespace, maxRequests } = config;
  const { timeoutMs, retryBudgetMs } = clusterDefaults;
  const kubeconfig = sourceOf(config);
  return { name, context, stateNamespace, maxRequests, timeoutMs, retryBudgetMs, kubeconfig };
}

function sourceOf({ kubeconfig }: ClusterConfig): KubeconfigSource {
  // Every pod resolves this name to the API server, whose certificate is valid for it.
  if (!kubeconfig) return { inCluster: { host: 'kubernetes.default.svc', port: '443' } };
  return 'file' in kubeconfig ? { files: [kubeconfig.file] } : { content: kubeconfig.content };
}
