/** The server as `slipway server` runs it. Arguments: URL of Redis, prefix. Prints its port. */
import { createWriteStream } from 'node:fs';
import { createQuarantine } from '../../src/composition/quarantine.ts';
import { createForges } from '../../src/forges/registry.ts';
import { createPlans } from '../../src/planning/plans.ts';
import { createProjects } from '../../src/policy/projects.ts';
import { createSuspects } from '../../src/queue/suspects.ts';
import { createWakeUps } from '../../src/queue/wake-ups.ts';
import { startServer } from '../../src/server/server.ts';
import { createCommitReportStore } from '../../src/store/commit-reports.ts';
import { connectRedis, whenReady } from '../../src/store/connection.ts';
import { createDeliveries } from '../../src/store/deliveries.ts';
import { createDesiredStore } from '../../src/store/desired.ts';
import { createOutbox } from '../../src/store/outbox.ts';
import { createPlanRequests } from '../../src/store/plans.ts';
import { createQueries } from '../../src/store/queries.ts';
import { createReleaseStore } from '../../src/store/releases.ts';
import { createRepositoryStore } from '../../src/store/repositories.ts';
import { stateKeys } from '../../src/store/state-keys.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { createMasker } from '../../src/telemetry/secrets.ts';
import { SECRET } from './requests.ts';

const [redisUrl = '', prefix = ''] = process.argv.slice(2);
const DAYS = 24 * 60 * 60 * 1_000;

const masker = createMasker([SECRET, 'another-secret-of-the-operator']);
const log = createLogger({ level: 'info', name: 'server', masker, stream: createWriteStream('/dev/null') });
const redis = connectRedis({ kind: 'url', url: redisUrl, prefix }, { role: 'producer', log });
await whenReady(redis, 5_000);
const keys = stateKeys(prefix);
const projects = createProjects({ forges: {}, projects: {} });
const wakeUps = createWakeUps(redis, prefix, { clusters: [], forges: ['github'] }, projects.projectOf);
const releases = createReleaseStore(redis, keys);
const desired = createDesiredStore(redis, keys);
const reports = createCommitReportStore(redis, keys);
const queries = createQueries({ redis, keys, releases, desired, reports, wakeUps });
const repositories = createRepositoryStore(redis, keys);
const suspects = createSuspects(redis, prefix);
const server = await startServer(
  {
    forges: createForges(
      {
        github: {
          name: 'github',
          type: 'github',
          url: 'http://127.0.0.1:1',
          apiUrl: 'http://127.0.0.1:1/api/v3',
          webhookSecrets: [SECRET],
          auth: { kind: 'none' },
          maxRequests: 64,
        },
      },
      { log, addSecret: () => {} },
    ),
    deliveries: createDeliveries(redis, { prefix, keepMs: 7 * DAYS, keepCount: 10_000 }),
    wakeUps,
    queries,
    projects,
    outbox: createOutbox(redis, keys),
    plans: createPlans(createPlanRequests(redis, keys), wakeUps),
    quarantine: createQuarantine({ suspects, queries, repositories, wakeUps }),
    refusal: (repository) => (repository.startsWith('github/acme/') ? undefined : 'no project allows it'),
    unheard: () => undefined,
    tokens: [],
    links: { publicUrl: 'http://127.0.0.1', secret: async () => 'links', projects },
    log,
    metrics: createMetrics(),
  },
  { host: '127.0.0.1', port: 0 },
);
process.stdout.write(`${new URL(server.url).port}\n`);
process.once('SIGTERM', () => process.exit(0));
