import type { FieldRule } from '../model/field-rule.ts';

/** server.yaml with every default filled in and every secret read. Built by `loadServerConfig`; never log it. */
export interface ServerConfig {
  /** Without trailing slash; links in statuses begin with it. */
  publicUrl: string;
  listen: Listen;
  /** The port of /healthz, /readyz and /metrics. */
  metrics: Listen;
  redis: RedisConfig;
  poll: { intervalMs: number };
  /** By name; the three records have no prototype, so a name such as `constructor` finds nothing. */
  forges: Record<string, ForgeConfig>;
  clusters: Record<string, ClusterConfig>;
  projects: Record<string, ProjectConfig>;
  /** Empty: no API. */
  api: { tokens: TokenConfig[] };
  deliveries: { maxAgeMs: number; maxCount: number };
  /** The last `floor` of a target are kept however old; `maxCount` is not below it. */
  releases: { floor: number; maxAgeMs: number; maxCount: number };
  render: RenderLimits;
  programs: Programs;
  /** Absolute; has the mirrors and the render cache, whose loss costs only time. */
  dataDir: string;
  /** What `dataDir` may occupy. */
  disk: { budgetBytes: number; perRepositoryBytes: number };
  /** Signs the addresses of release pages. Undefined: a random one, which is kept in Redis. */
  linkSecret?: string | undefined;
}

/** The settings that decide who may deploy what where. */
export type OperatorRules = Pick<ServerConfig, 'forges' | 'clusters' | 'projects'>;

export interface Listen {
  host: string;
  port: number;
}

export type RedisConfig = RedisCommon & (RedisUrl | RedisSentinel | RedisCluster);

interface RedisCommon {
  username?: string | undefined;
  password?: string | undefined;
  tls?: TlsConfig | undefined;
  /** With a hash tag, `{slipway}`, so that all keys are in one slot of a Redis Cluster. */
  prefix: string;
}

export interface RedisUrl {
  kind: 'url';
  url: string;
}

export interface RedisSentinel {
  kind: 'sentinel';
  sentinels: Listen[];
  /** The name of the primary that the sentinels watch. */
  name: string;
  sentinelPassword?: string | undefined;
}

export interface RedisCluster {
  kind: 'cluster';
  nodes: Listen[];
}

/** PEM texts. */
export interface TlsConfig {
  ca?: string | undefined;
  cert?: string | undefined;
  key?: string | undefined;
}

export type ForgeAuth =
  | { kind: 'app'; appId: string; privateKey: string; installationId?: number | undefined }
  | { kind: 'token'; token: string }
  | { kind: 'none' };

export interface ForgeConfig {
  name: string;
  /** A type of the registry in `forges/`. */
  type: string;
  /** Without trailing slash, as `apiUrl`. */
  url: string;
  apiUrl: string;
  /** At least one. */
  webhookSecrets: string[];
  /** Those of the projects that have repositories on this forge, if there are any. */
  projectSecrets?: ProjectSecret[] | undefined;
  auth: ForgeAuth;
  /** At once, for each process: API and Git together. */
  maxRequests: number;
  /** Set: Git goes over SSH with this key. Absolute paths. */
  ssh?: { keyFile: string; knownHostsFile?: string | undefined } | undefined;
}

/** A webhook secret that speaks only for the repositories of its project. */
export interface ProjectSecret {
  project: string;
  secret: string;
}

export interface ClusterConfig {
  name: string;
  /** Absolute path, or the text itself. Undefined: `inCluster`. */
  kubeconfig?: { file: string } | { content: string } | undefined;
  context?: string | undefined;
  inCluster: boolean;
  /** Slipway's own namespace on the cluster, to which no project may write. */
  stateNamespace: string;
  /** Requests in flight at once. */
  maxRequests: number;
}

/** Each role may do what those before it may. */
export type Role = 'viewer' | 'deployer' | 'admin';

export interface TokenConfig {
  name: string;
  secret: string;
  role: Role;
  /** Undefined: all projects, and what belongs to none. */
  projects?: string[] | undefined;
}

export interface ProjectConfig {
  name: string;
  /** `forge/owner/name`, with `*` inside one part. */
  repositories: string[];
  /** Empty: the secrets of the forge speak for its repositories. */
  webhookSecrets: string[];
  clusters: Record<string, ClusterRule>;
  /** `Kind` of the core group or `Kind.group`. */
  clusterScoped: string[];
  /** Fields whose values are never shown, beside those that slipway.yaml names. */
  mask: FieldRule[];
  /** Who sees its release pages: who has the signed address, who also has a token, or nobody. */
  links: 'signed' | 'login' | 'off';
}

export interface ClusterRule {
  branches: string[];
  namespaces: string[];
  impersonate?: string | undefined;
  /** 0 to 1; undefined: no bound. */
  maxPruneShare?: number | undefined;
  createNamespaces: boolean;
}

export interface RenderLimits {
  timeoutMs: number;
  memoryBytes: number;
  outputBytes: number;
  maxFiles: number;
  concurrency: number;
  cacheBytes: number;
  /** Engines may start although the kernel does not lock them. */
  unlocked: boolean;
}

/** Names found through PATH, or absolute paths. */
export interface Programs {
  git: string;
  /** The render engine. */
  engine: string;
}
