import type { Cluster, Redis } from 'ioredis';
import { secretsOf } from '../config/secrets-of.ts';
import type { ServerConfig } from '../config/server-config.ts';
import { createGates } from '../forges/gates.ts';
import { createForges } from '../forges/registry.ts';
import type { PollOptions } from '../intake/poll.ts';
import type { RepositoryId } from '../model/target.ts';
import { literalRepositories, whyNotAllowed, whyNotHeard } from '../policy/allowed-repositories.ts';
import { createProjects } from '../policy/projects.ts';
import type { Projects } from '../ports/projects.ts';
import { createTrials, type Trials } from '../queue/trials.ts';
import { createLimiter } from '../release/limiter.ts';
import { type LinkSettings, releaseUrl } from '../server/links.ts';
import { connectRedis } from '../store/connection.ts';
import { createLogger, type Logger } from '../telemetry/logger.ts';
import { createMetrics, type Metrics } from '../telemetry/metrics.ts';
import { createMasker } from '../telemetry/secrets.ts';
import { createLinks } from './links.ts';
import { createStores } from './stores.ts';

type Connection = Redis | Cluster;

/** A listing takes a forge some 300 ms: with 16 at once, 5,000 repositories take half of the default interval. */
const LOOKS_PER_FORGE = 16;

/** What every process has: the rules of server.yaml, the forges, and the stores in Redis. It reaches no cluster. */
export interface Process extends ReturnType<typeof createStores> {
  config: ServerConfig;
  forges: ReturnType<typeof createForges>;
  /** By forge: what its API and its Git are called through. */
  gates: ReturnType<typeof createGates>;
  projects: Projects;
  log: Logger;
  /** Masks a secret that arises at run time from here on. */
  addSecret(secret: string): void;
  metrics: Metrics;
  redis: Connection;
  links: LinkSettings;
  linkTo: (release: string, repository: RepositoryId) => Promise<string | undefined>;
  pollOptions: PollOptions;
  trials: Trials;
  refusal: (repository: string) => string | undefined;
  unheard: (repository: string, signer: string | undefined) => string | undefined;
  /** Opens another connection, which `close` closes too. */
  connect: (role: 'worker' | 'producer') => Connection;
  close(): Promise<void>;
}

export interface ProcessOptions {
  /** The role of this process: `run`, `server`, `deploy`. */
  name: string;
  /** The server fails fast while Redis is down; workers wait until it is back. */
  role: 'worker' | 'producer';
  logLevel: string;
}

export function createProcess(config: ServerConfig, { name, role, logLevel }: ProcessOptions): Process {
  const masker = createMasker(secretsOf(config));
  const log = createLogger({ level: logLevel, name, masker });
  const addSecret = (secret: string) => masker.add(secret);
  const connections: Connection[] = [];
  const connect = (as: 'worker' | 'producer') => {
    const connection = connectRedis(config.redis, { role: as, log });
    connections.push(connection);
    return connection;
  };
  const redis = connect(role);
  const projects = createProjects(config);
  const stores = createStores(config, redis, projects);
  const links = createLinks(config, projects, stores.linkSecret);
  const refusal = (repository: string) => whyNotAllowed(config, repository);
  const metrics = createMetrics();
  const gates = createGates(config.forges, {
    log,
    onCircuit: (forge, open) => metrics.forgeCircuits.set({ forge }, open ? 1 : 0),
  });
  return {
    ...stores,
    config,
    forges: createForges(config.forges, { log, addSecret }, gates),
    gates,
    addSecret,
    projects,
    log,
    metrics,
    trials: createTrials(stores.suspects, log),
    redis,
    links,
    refusal,
    unheard: (repository, signer) => whyNotHeard(config, repository, signer),
    connect,
    linkTo: (release, repository) => releaseUrl(links, release, repository),
    pollOptions: {
      intervalMs: config.poll.intervalMs,
      literal: literalRepositories(config),
      createLane: () => createLimiter(LOOKS_PER_FORGE),
      clusters: Object.keys(config.clusters),
      whyNotAllowed: refusal,
    },
    async close() {
      await Promise.allSettled([stores.wakeUps.close()]);
      for (const connection of connections) connection.disconnect();
    },
  };
}
