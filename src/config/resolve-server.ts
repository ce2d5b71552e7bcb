import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { SlipwayError } from '../errors.ts';
import type { ForgeFile, ForgeType, ForgeTypes } from './forge-type.ts';
import { resolveRedis } from './resolve-redis.ts';
import type { SecretReader } from './secret-reader.ts';
import type {
  ClusterConfig,
  ForgeAuth,
  ForgeConfig,
  ProjectConfig,
  ProjectSecret,
  RenderLimits,
  ServerConfig,
  TokenConfig,
} from './server-config.ts';
import type { ServerFile } from './server-schema.ts';
import { durationMs, type SecretSource, shareOf, sizeBytes } from './values.ts';
import type { KeyPath } from './yaml-file.ts';

/** Fills in defaults and secrets. Missing secrets are collected in `secrets.missing`. */
export async function resolveServer(
  server: ServerFile,
  secrets: SecretReader,
  env: NodeJS.ProcessEnv,
  forgeTypes: ForgeTypes,
): Promise<ServerConfig> {
  const typeOf = new Map(forgeTypes.map((type) => [type.type, type]));
  const projects = await named(server.projects, (name, project) => resolveProject(name, project, secrets));
  return {
    publicUrl: withoutSlash(server.publicUrl),
    listen: server.listen,
    metrics: server.metrics,
    redis: await resolveRedis(server.redis, secrets),
    poll: { intervalMs: durationMs(server.poll.interval) },
    forges: await named(server.forges, (name, forge) =>
      resolveForge(name, forge, typeOf.get(forge.type), { projects, secrets }),
    ),
    clusters: await named(server.clusters, (name, cluster) => resolveCluster(name, cluster, secrets)),
    projects,
    api: { tokens: await resolveTokens(server.api.tokens, secrets) },
    deliveries: {
      maxAgeMs: durationMs(server.deliveries.maxAge),
      maxCount: server.deliveries.maxCount,
    },
    releases: {
      floor: server.releases.keep,
      maxAgeMs: durationMs(server.releases.maxAge),
      maxCount: Math.max(server.releases.keep, server.releases.maxCount),
    },
    render: resolveRender(server.render),
    programs: server.programs,
    dataDir: server.dataDir === undefined ? defaultDataDir(env) : secrets.absolute(server.dataDir),
    disk: {
      budgetBytes: sizeBytes(server.disk.budget),
      perRepositoryBytes: sizeBytes(server.disk.perRepository),
    },
    linkSecret: server.linkSecret && (await secrets.read(server.linkSecret, ['linkSecret'])),
  };
}

async function resolveForge(
  name: string,
  forge: ForgeFile,
  type: ForgeType | undefined,
  { projects, secrets }: { projects: Record<string, ProjectConfig>; secrets: SecretReader },
): Promise<ForgeConfig> {
  if (!type) throw new SlipwayError('INTERNAL', `no forge type "${forge.type}" is registered`);
  const path = ['forges', name];
  const url = withoutSlash(forge.url);
  return {
    name,
    type: forge.type,
    url,
    apiUrl: forge.apiUrl ? withoutSlash(forge.apiUrl) : type.apiUrlOf(url),
    webhookSecrets: await readAll(forge.webhookSecrets, [...path, 'webhookSecrets'], secrets),
    projectSecrets: projectSecretsOn(name, projects),
    auth: await resolveAuth(forge, type, path, secrets),
    maxRequests: forge.maxRequests,
    ssh: forge.ssh && {
      keyFile: secrets.absolute(forge.ssh.key.file),
      knownHostsFile: forge.ssh.knownHosts && secrets.absolute(forge.ssh.knownHosts.file),
    },
  };
}

function projectSecretsOn(
  forge: string,
  projects: Record<string, ProjectConfig>,
): ProjectSecret[] | undefined {
  const secrets = Object.values(projects)
    .filter(({ repositories }) => repositories.some((repository) => repository.startsWith(`${forge}/`)))
    .flatMap(({ name, webhookSecrets }) => webhookSecrets.map((secret) => ({ project: name, secret })));
  return secrets.length > 0 ? secrets : undefined;
}

async function resolveAuth(
  forge: ForgeFile,
  type: ForgeType,
  path: KeyPath,
  secrets: SecretReader,
): Promise<ForgeAuth> {
  const own = await type.readAuth?.(forge, (source, ...key) => secrets.read(source, [...path, ...key]));
  if (own) return own;
  if (!forge.token) return { kind: 'none' };
  return { kind: 'token', token: await secrets.read(forge.token, [...path, 'token']) };
}

async function resolveTokens(
  tokens: ServerFile['api']['tokens'],
  secrets: SecretReader,
): Promise<TokenConfig[]> {
  const read = async ({ secret, projects, ...token }: (typeof tokens)[number], index: number) => ({
    ...token,
    projects: projects.includes('*') ? undefined : projects,
    secret: await secrets.read(secret, ['api', 'tokens', index, 'secret']),
  });
  return Promise.all(tokens.map(read));
}

async function resolveCluster(
  name: string,
  cluster: ServerFile['clusters'][string],
  secrets: SecretReader,
): Promise<ClusterConfig> {
  const { kubeconfig, ...rest } = cluster;
  if (!kubeconfig) return { name, ...rest };
  // Also read if only the path is passed on, so that a missing file is reported at the start.
  const content = await secrets.read(kubeconfig, ['clusters', name, 'kubeconfig']);
  const source = 'file' in kubeconfig ? { file: secrets.absolute(kubeconfig.file) } : { content };
  return { name, ...rest, kubeconfig: source };
}

async function resolveProject(
  name: string,
  project: ServerFile['projects'][string],
  secrets: SecretReader,
): Promise<ProjectConfig> {
  const clusters = await named(project.clusters, async (_, rule) => ({
    ...rule,
    maxPruneShare: shareOf(rule.maxPruneShare),
  }));
  const path = ['projects', name, 'webhookSecrets'];
  return { name, ...project, clusters, webhookSecrets: await readAll(project.webhookSecrets, path, secrets) };
}

function resolveRender(render: ServerFile['render']): RenderLimits {
  return {
    timeoutMs: durationMs(render.timeout),
    memoryBytes: sizeBytes(render.memory),
    outputBytes: sizeBytes(render.output),
    maxFiles: render.files,
    concurrency: render.concurrency ?? availableParallelism(),
    cacheBytes: sizeBytes(render.cache),
    unlocked: render.unlocked,
  };
}

/** The XDG cache folder of the user, or a folder under the machine's temporary one if the user has no home. */
function defaultDataDir(env: NodeJS.ProcessEnv): string {
  if (env.XDG_CACHE_HOME) return join(env.XDG_CACHE_HOME, 'slipway-data');
  return env.HOME ? join(env.HOME, '.cache', 'slipway-data') : join(tmpdir(), 'slipway-data');
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '');
}

function readAll(sources: SecretSource[], path: KeyPath, secrets: SecretReader): Promise<string[]> {
  return Promise.all(sources.map((source, index) => secrets.read(source, [...path, index])));
}

/** A record without prototype, so that looking up an untrusted name finds only what the file defines. */
async function named<In, Out>(
  record: Record<string, In>,
  resolve: (name: string, value: In) => Promise<Out>,
): Promise<Record<string, Out>> {
  const result: Record<string, Out> = Object.create(null);
  for (const [name, value] of Object.entries(record)) result[name] = await resolve(name, value);
  return result;
}
