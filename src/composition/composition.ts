import type { Cluster, Redis } from 'ioredis';
import { createConfigReader } from '../config/config-reader.ts';
import { secretsOf } from '../config/secrets-of.ts';
import type { ServerConfig } from '../config/server-config.ts';
import { createForges } from '../forges/registry.ts';
import { createMirrors } from '../git/mirrors.ts';
import { createClusterRecords } from '../intake/cluster-records.ts';
import { createKnownFindings } from '../intake/known-findings.ts';
import type { PollOptions } from '../intake/poll.ts';
import type { IntakePorts } from '../intake/ports.ts';
import { createClusters } from '../kube/clusters.ts';
import { slipwayVersion } from '../kube/slipway-version.ts';
import { splitRepository } from '../model/target.ts';
import type { ChannelPorts } from '../notifications/channels.ts';
import { createAdmission } from '../policy/admission.ts';
import { literalRepositories, whyNotAllowed, whyNotHeard } from '../policy/allowed-repositories.ts';
import { createEngines } from '../policy/engines.ts';
import { createPolicy } from '../policy/policy.ts';
import { createProjects } from '../policy/projects.ts';
import type { Outbox } from '../ports/outbox.ts';
import type { Pauses } from '../ports/pauses.ts';
import type { Projects } from '../ports/projects.ts';
import type { Queries } from '../ports/queries.ts';
import { createDesiredObjects } from '../release/desired-objects.ts';
import type { ReleasePorts } from '../release/ports.ts';
import { createRenderer } from '../render/renderer.ts';
import { type LinkSettings, releaseUrl } from '../server/links.ts';
import { connectRedis } from '../store/connection.ts';
import type { StateKeys } from '../store/state-keys.ts';
import { createLogger, type Logger } from '../telemetry/logger.ts';
import { createMetrics, type Metrics } from '../telemetry/metrics.ts';
import { createMasker } from '../telemetry/secrets.ts';
import { linkSettings } from './link-secret.ts';
import { createStores } from './stores.ts';

type Connection = Redis | Cluster;

/** Everything that a process needs, built here once and passed on as plain arguments. */
export type Composition = IntakePorts &
  Omit<ReleasePorts, 'leases' | 'limiter'> &
  ChannelPorts &
  ProcessComposition;

interface ProcessComposition {
  config: ServerConfig;
  metrics: Metrics;
  redis: Connection;
  keys: StateKeys;
  outbox: Outbox;
  queries: Queries;
  projects: Projects;
  pauses: Pauses;
  links: LinkSettings;
  pollOptions: PollOptions;
  refusal: (repository: string) => string | undefined;
  unheard: (repository: string, signer: string | undefined) => string | undefined;
  /** Opens another connection, which `close` closes too. */
  connect: (role: 'worker' | 'producer') => Connection;
  close(): Promise<void>;
}

export interface CompositionOptions {
  /** The role of this process: `run`, `server`, `deploy`. */
  name: string;
  /** The server fails fast while Redis is down; workers wait until it is back. */
  role: 'worker' | 'producer';
  logLevel: string;
  /** Only PATH, proxies and the in-cluster variables are read from it. */
  env: NodeJS.ProcessEnv;
}

export function createComposition(
  config: ServerConfig,
  { name, role, logLevel, env }: CompositionOptions,
): Composition {
  const masker = createMasker(secretsOf(config));
  const log = createLogger({ level: logLevel, name, masker });
  const connections: Connection[] = [];
  const connect = (as: 'worker' | 'producer') => {
    const connection = connectRedis(config.redis, { role: as, log });
    connections.push(connection);
    return connection;
  };
  const redis = connect(role);
  const outer = createOuter(config, env, { log, addSecret: (secret) => masker.add(secret) });
  const stores = createStores(config, redis);
  const configs = createConfigReader({ refused: stores.refusedFiles, version: slipwayVersion });
  const links = linkSettings(config);
  const refusal = (repository: string) => whyNotAllowed(config, repository);
  return {
    ...outer,
    ...stores,
    desiredObjects: createDesiredObjects(outer),
    configs,
    findings: createKnownFindings(),
    records: createClusterRecords(outer.clusters, log),
    config,
    log,
    metrics: createMetrics(),
    redis,
    links,
    refusal,
    unheard: (repository, signer) => whyNotHeard(config, repository, signer),
    connect,
    linkTo: (release) => releaseUrl(links, release),
    pollOptions: {
      intervalMs: config.poll.intervalMs,
      literal: literalRepositories(config),
      clusters: Object.keys(config.clusters),
      whyNotAllowed: refusal,
    },
    async close() {
      const all = [stores.wakeUps, outer.mirrors, outer.clusters, configs];
      await Promise.allSettled(all.map((one) => one.close()));
      for (const connection of connections) connection.disconnect();
    },
  };
}

/** Whether HTTP_PROXY or HTTPS_PROXY is set, in either case. */
function namesProxy(env: NodeJS.ProcessEnv): boolean {
  return ['http_proxy', 'https_proxy'].some((name) => env[name] || env[name.toUpperCase()]);
}

interface Outgoing {
  log: Logger;
  addSecret(secret: string): void;
}

/** The adapters to forges, Git, programs and clusters, and the rules of server.yaml. */
function createOuter(config: ServerConfig, env: NodeJS.ProcessEnv, { log, addSecret }: Outgoing) {
  const forges = createForges(config.forges, { log, addSecret });
  const mirrors = createMirrors({
    dir: `${config.dataDir}/mirrors`,
    git: config.programs.git,
    env,
    log,
    async access(repository) {
      const forge = forges.get(splitRepository(repository).forge);
      if (!forge) throw new Error(`server.yaml has no forge for ${repository}`);
      return forge.gitAccess(repository);
    },
  });
  const renderer = createRenderer({
    programs: config.programs,
    dir: `${config.dataDir}/render`,
    limits: config.render,
    env,
    log,
  });
  const clusters = createClusters(config.clusters, { environmentNamesProxy: namesProxy(env), addSecret });
  return {
    forges,
    mirrors,
    renderer,
    clusters,
    admission: createAdmission(config),
    policy: createPolicy(createEngines(config)),
    projects: createProjects(config),
  };
}
