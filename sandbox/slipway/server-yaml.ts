import { stringify } from 'yaml';

export interface ServerYamlOptions {
  redisUrl: string;
  /** With braces: `{slipway-demo}`. */
  prefix: string;
  kubeconfig: string;
  github: string;
  gitlab: string;
  port: number;
  opsPort: number;
  dataDir: string;
  engine: string;
  /** Default: 3 minutes. */
  pollInterval?: string;
  /** Default: `acme/*` on both forges, clusters `prod` and `staging`, every namespace, and namespaces are created. */
  projects?: Record<string, unknown>;
  stateNamespace?: string;
  /** Concurrent requests of one process to a cluster. Default: that of server.yaml. */
  maxRequests?: number;
  /** Further forges and clusters, by name, as in server.yaml. */
  forges?: Record<string, unknown>;
  clusters?: Record<string, unknown>;
}

/** Names of the environment variables with the secrets of the sandbox's server.yaml. */
export const secretNames = {
  github: 'SANDBOX_GITHUB_SECRET',
  gitlab: 'SANDBOX_GITLAB_SECRET',
  githubToken: 'SANDBOX_GITHUB_TOKEN',
  gitlabToken: 'SANDBOX_GITLAB_TOKEN',
  api: 'SANDBOX_API_TOKEN',
} as const;

/** A server.yaml for the sandbox's forge, Redis and cluster, as an operator would write it. */
export function serverYaml(options: ServerYamlOptions): string {
  const rule = { branches: ['*'], namespaces: ['*'], createNamespaces: true };
  const kubeconfig = {
    kubeconfig: { file: options.kubeconfig },
    stateNamespace: options.stateNamespace ?? 'slipway',
    ...(options.maxRequests === undefined ? {} : { maxRequests: options.maxRequests }),
  };
  return stringify({
    publicUrl: `http://127.0.0.1:${options.port}`,
    listen: { host: '127.0.0.1', port: options.port },
    metrics: { host: '127.0.0.1', port: options.opsPort },
    redis: { url: options.redisUrl, prefix: options.prefix },
    poll: { interval: options.pollInterval ?? '3m' },
    dataDir: options.dataDir,
    programs: { engine: options.engine },
    forges: {
      github: {
        type: 'github',
        url: options.github,
        webhookSecrets: [{ env: secretNames.github }],
        token: { env: secretNames.githubToken },
      },
      gitlab: {
        type: 'gitlab',
        url: options.gitlab,
        webhookSecrets: [{ env: secretNames.gitlab }],
        token: { env: secretNames.gitlabToken },
      },
      ...options.forges,
    },
    clusters: { prod: kubeconfig, staging: kubeconfig, ...options.clusters },
    projects: options.projects ?? {
      acme: {
        repositories: ['github/acme/*', 'gitlab/acme/*'],
        clusters: { prod: rule, staging: rule },
        clusterScoped: ['CustomResourceDefinition.apiextensions.k8s.io'],
      },
    },
    api: {
      tokens: [{ name: 'sandbox', role: 'admin', projects: ['*'], secret: { env: secretNames.api } }],
    },
  });
}
