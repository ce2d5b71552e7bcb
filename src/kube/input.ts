import type { SlipwayError } from '../errors.ts';

/** Where the address of an API server and the credentials for it come from. */
export type KubeconfigSource =
  /** Merged as kubectl merges the paths of KUBECONFIG: the first to name something wins. */
  | { files: string[] }
  | { content: string }
  /** The pod's own service account. `root` holds `token`, `ca.crt` and `namespace`. */
  | { inCluster: { host: string; port: string; root?: string | undefined } };

/** What Slipway must know to use one cluster: its part of server.yaml, with files and variables resolved. */
export interface ClusterInput {
  name: string;
  kubeconfig: KubeconfigSource;
  /** Undefined: the kubeconfig's current context. */
  context?: string | undefined;
  /** Namespace of Slipway's own on the cluster, where the parents live and tenants cannot write. */
  stateNamespace: string;
  /** Requests in flight at once to this API server, watches not counted. */
  maxRequests: number;
  /** Milliseconds that one request may wait for a response. */
  timeoutMs: number;
  /** Milliseconds that retries of one request (429, 5xx, cut connections) may take before it fails. */
  retryBudgetMs: number;
  /** False: the environment names no proxy. Undefined: not known, it is looked up for every request. */
  environmentNamesProxy?: boolean | undefined;
  /** Called with the token, password and key that are in use, so that they are masked in the log. */
  addSecret?: ((secret: string) => void) | undefined;
  /** Called when the cluster is away (the reason), and when it responds again (undefined). */
  onReach?: ((cluster: string, away: SlipwayError | undefined) => void) | undefined;
}

export const clusterDefaults = {
  stateNamespace: 'slipway',
  maxRequests: 24,
  timeoutMs: 30_000,
  retryBudgetMs: 12_000,
} as const;

/** In-cluster files as every pod has them mounted (kubernetes.io/docs/tasks/run-application/access-api-from-pod). */
export const serviceAccountRoot = '/var/run/secrets/kubernetes.io/serviceaccount';
