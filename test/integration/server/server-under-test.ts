import { createHmac, randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { Cluster, Redis } from 'ioredis';
import { PATIENCE_MS } from '../../../sandbox/until.ts';
import { createQuarantine } from '../../../src/composition/quarantine.ts';
import type { OperatorRules, ProjectConfig, ProjectSecret } from '../../../src/config/server-config.ts';
import { createForges } from '../../../src/forges/registry.ts';
import type { Release } from '../../../src/model/release.ts';
import type { Target } from '../../../src/model/target.ts';
import { targetId } from '../../../src/model/target.ts';
import { createPlans } from '../../../src/planning/plans.ts';
import { createProjects } from '../../../src/policy/projects.ts';
import type { Deliveries } from '../../../src/ports/deliveries.ts';
import type { DesiredStore } from '../../../src/ports/desired.ts';
import type { ReleaseStore } from '../../../src/ports/releases.ts';
import type { WakeUps } from '../../../src/ports/wake-ups.ts';
import { createSuspects, type Suspects } from '../../../src/queue/suspects.ts';
import { createWakeUps } from '../../../src/queue/wake-ups.ts';
import { buildApp } from '../../../src/server/app.ts';
import type { ServerPorts } from '../../../src/server/ports.ts';
import { createCommitReportStore } from '../../../src/store/commit-reports.ts';
import { connectRedis, whenReady } from '../../../src/store/connection.ts';
import { createDeliveries } from '../../../src/store/deliveries.ts';
import { createDesiredStore } from '../../../src/store/desired.ts';
import { createOutbox } from '../../../src/store/outbox.ts';
import { createPlanRequests } from '../../../src/store/plans.ts';
import { createQueries } from '../../../src/store/queries.ts';
import { createReleaseStore } from '../../../src/store/releases.ts';
import { createRepositoryStore } from '../../../src/store/repositories.ts';
import { type StateKeys, stateKeys } from '../../../src/store/state-keys.ts';
import { createLogger } from '../../../src/telemetry/logger.ts';
import { createMetrics } from '../../../src/telemetry/metrics.ts';
import { createMasker } from '../../../src/telemetry/secrets.ts';
import { uniquePrefix } from '../../support/sandbox.ts';

export const GITHUB_SECRET = 'github-webhook-secret';
export const GITLAB_SECRET = 'gitlab-webhook-secret';
export const TOKEN = 'token-of-the-api';
export const LINK_SECRET = 'link-secret-of-the-test';

/** The server on real stores, with everything a test wants to look at. */
export interface ServerUnderTest {
  app: FastifyInstance;
  composition: ServerPorts;
  redis: Redis | Cluster;
  prefix: string;
  keys: StateKeys;
  wakeUps: WakeUps;
  suspects: Suspects;
  deliveries: Deliveries;
  releases: ReleaseStore;
  desired: DesiredStore;
  /** Log lines, parsed. */
  logged: Record<string, unknown>[];
  close(): Promise<void>;
}

const project: Omit<ProjectConfig, 'name' | 'repositories'> = {
  clusters: {},
  clusterScoped: [],
  mask: [],
  webhookSecrets: [],
  links: 'signed',
};
const forgeConfig = {
  auth: { kind: 'none' },
  maxRequests: 64,
  url: 'http://127.0.0.1:1',
  apiUrl: 'http://127.0.0.1:1',
} as const;
const forgeConfigs = {
  github: {
    ...forgeConfig,
    name: 'github',
    type: 'github',
    webhookSecrets: ['an-older-secret', GITHUB_SECRET],
  },
  gitlab: { ...forgeConfig, name: 'gitlab', type: 'gitlab', webhookSecrets: [GITLAB_SECRET] },
};
const rulesOfTest: Pick<OperatorRules, 'forges' | 'projects'> = {
  forges: forgeConfigs,
  projects: {
    lending: { ...project, name: 'lending', repositories: ['github/acme/loans*'] },
    other: { ...project, name: 'other', repositories: ['github/acme/other'] },
    private: { ...project, name: 'private', repositories: ['github/acme/private'], links: 'login' },
    hidden: { ...project, name: 'hidden', repositories: ['github/acme/hidden'], links: 'off' },
  },
};

export async function startUnderTest(
  redisUrl: string,
  overrides: Partial<ServerPorts> = {},
  projectSecrets: ProjectSecret[] = [],
): Promise<ServerUnderTest> {
  const prefix = uniquePrefix('server');
  const logged: Record<string, unknown>[] = [];
  const stream = { write: (line: string) => void logged.push(JSON.parse(line)) };
  const log = createLogger({ level: 'info', masker: createMasker([GITHUB_SECRET, TOKEN]), stream });
  const redis = connectRedis({ kind: 'url', url: redisUrl, prefix }, { role: 'producer', log });
  await whenReady(redis, PATIENCE_MS);
  const keys = stateKeys(prefix);
  const projects = createProjects(rulesOfTest);
  const outside = { clusters: ['prod'], forges: ['github', 'gitlab'] };
  const wakeUps = createWakeUps(redis, prefix, outside, projects.projectOf);
  const deliveries = createDeliveries(redis, { prefix, keepMs: 60_000, keepCount: 1_000 });
  const releases = createReleaseStore(redis, keys);
  const desired = createDesiredStore(redis, keys);
  const reports = createCommitReportStore(redis, keys);
  const queries = createQueries({ redis, keys, releases, desired, reports, wakeUps });
  const repositories = createRepositoryStore(redis, keys);
  const suspects = createSuspects(redis, prefix);
  const configs = { ...forgeConfigs, github: { ...forgeConfigs.github, projectSecrets } };
  const composition: ServerPorts = {
    forges: createForges(configs, { log, addSecret: () => {} }),
    deliveries,
    wakeUps,
    queries,
    quarantine: createQuarantine({ suspects, queries, repositories, wakeUps }),
    projects,
    outbox: createOutbox(redis, keys),
    plans: createPlans(createPlanRequests(redis, keys), wakeUps),
    refusal: (repository) =>
      repository.includes('/stranger/') ? `no project allows ${repository}` : undefined,
    unheard: () => undefined,
    tokens: [{ name: 'ops', role: 'admin', secret: TOKEN }],
    links: { publicUrl: 'https://slipway.example.com', secret: async () => LINK_SECRET, projects },
    log,
    metrics: createMetrics(),
    ...overrides,
  };
  const app = buildApp(composition);
  const close = async () => {
    await app.close();
    await wakeUps.close();
    redis.disconnect();
  };
  return {
    app,
    composition,
    redis,
    prefix,
    keys,
    wakeUps,
    suspects,
    deliveries,
    releases,
    desired,
    logged,
    close,
  };
}

export interface SignedPush {
  method: 'POST';
  url: string;
  headers: Record<string, string>;
  payload: string;
}

/** A push to `repository`, as GitHub signs and sends it. */
export function githubPush(
  options: { repository?: string; ref?: string; id?: string; secret?: string; event?: string } = {},
): SignedPush {
  const [owner = '', name = ''] = (options.repository ?? 'acme/loans').split('/');
  const payload = JSON.stringify({
    ref: options.ref ?? 'refs/heads/main',
    before: '1'.repeat(40),
    after: '2'.repeat(40),
    deleted: false,
    repository: { id: 1, name, full_name: `${owner}/${name}`, owner: { login: owner } },
    sender: { login: 'ada' },
  });
  return {
    method: 'POST',
    url: '/webhooks/github',
    headers: {
      'content-type': 'application/json',
      'x-github-event': options.event ?? 'push',
      'x-github-delivery': options.id ?? randomUUID(),
      'x-hub-signature-256': githubSignature(payload, options.secret ?? GITHUB_SECRET),
    },
    payload,
  };
}

export function githubSignature(payload: string | Buffer, secret = GITHUB_SECRET): string {
  return `sha256=${createHmac('sha256', secret).update(payload).digest('hex')}`;
}

export function targetOf(app: string, environment = 'production', repository = 'github/acme/loans'): Target {
  return {
    id: targetId({ repository, app, environment }),
    repository,
    app,
    environment,
    branch: 'main',
    cluster: 'prod',
    namespace: 'loans',
    path: `deploy/${app}`,
    helm: { releaseName: app, values: [] },
    dependsOn: [],
    timeoutMs: 60_000,
    failFastMs: 10_000,
  };
}

/** A release of the target as the deploy worker leaves it. */
export async function recordRelease(
  { desired, releases, redis, keys }: ServerUnderTest,
  target: Target,
  end: Partial<Release> & { changeSet?: Parameters<ReleaseStore['write']>[2] },
  commit = 'c'.repeat(40),
): Promise<Release> {
  const sequence = await desired.nextSequence(target.repository);
  const cause = { kind: 'push', by: 'ada', delivery: 'github:1' } as const;
  const contentKey = randomUUID();
  await desired.setDesired(target.repository, sequence, [
    { target, commit, contentKey, cause, retry: false },
  ]);
  await redis.set(keys.lease(target.id), 'run');
  const record = await releases.record(target.id);
  if (!record?.desired) throw new Error('the test wrote no desired');
  const { changeSet, ...rest } = end;
  const release = { ...(await releases.start(record.desired, 0, 'run')), ...rest };
  await releases.write(release, 'run', changeSet);
  return release;
}
