import type { Cluster, Redis } from 'ioredis';
import type { ServerConfig } from '../config/server-config.ts';
import type { Projects } from '../ports/projects.ts';
import type { Outside } from '../queue/queues.ts';
import { createSuspects } from '../queue/suspects.ts';
import { createWakeUps } from '../queue/wake-ups.ts';
import { createCommitReportStore } from '../store/commit-reports.ts';
import { createDeliveries } from '../store/deliveries.ts';
import { createDependencyStore } from '../store/dependencies.ts';
import { createDesiredStore } from '../store/desired.ts';
import { createLinkSecret } from '../store/link-secret.ts';
import { createOutbox } from '../store/outbox.ts';
import { createPauses } from '../store/pauses.ts';
import { createQueries } from '../store/queries.ts';
import { createRefusedFiles } from '../store/refused-files.ts';
import { createRefusedReports } from '../store/refused-reports.ts';
import { createReleaseStore } from '../store/releases.ts';
import { createRepositoryStore } from '../store/repositories.ts';
import { createRetries } from '../store/retries.ts';
import { stateKeys } from '../store/state-keys.ts';
import { createSuccessorStore } from '../store/successors.ts';
import { createQuarantine } from './quarantine.ts';

/** The clusters and forges of server.yaml. */
export function outsideOf({ clusters, forges }: ServerConfig): Outside {
  return { clusters: Object.keys(clusters), forges: Object.keys(forges) };
}

/** The stores in Redis. */
export function createStores(config: ServerConfig, redis: Redis | Cluster, projects: Projects) {
  const { prefix } = config.redis;
  const keys = stateKeys(prefix);
  const wakeUps = createWakeUps(redis, prefix, outsideOf(config), projects.projectOf);
  const desired = createDesiredStore(redis, keys);
  const reports = createCommitReportStore(redis, keys);
  const releases = createReleaseStore(redis, keys, config.releases);
  const queries = createQueries({ redis, keys, releases, desired, reports, wakeUps });
  const repositories = createRepositoryStore(redis, keys);
  const suspects = createSuspects(redis, prefix);
  const { maxAgeMs, maxCount } = config.deliveries;
  return {
    keys,
    wakeUps,
    suspects,
    quarantine: createQuarantine({ suspects, queries, repositories, wakeUps }),
    desired,
    dependencies: createDependencyStore(redis, keys),
    reports,
    refused: createRefusedReports(redis, keys),
    refusedFiles: createRefusedFiles(redis, keys),
    releases,
    retries: createRetries(redis, keys),
    linkSecret: createLinkSecret(redis, keys),
    outbox: createOutbox(redis, keys),
    successors: createSuccessorStore(redis, keys),
    repositories,
    deliveries: createDeliveries(redis, { prefix, keepMs: maxAgeMs, keepCount: maxCount }),
    pauses: createPauses(redis, prefix),
    queries,
  };
}
