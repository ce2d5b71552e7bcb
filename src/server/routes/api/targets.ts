import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { RELEASE_STATES, type Release } from '../../../model/release.ts';
import { repositoryOf } from '../../../model/target.ts';
import type { RepositoryScope } from '../../../ports/projects.ts';
import type { Holder } from '../../holders.ts';
import { releaseUrl } from '../../links.ts';
import { forRole, holderOf } from '../../plugins/tokens.ts';
import type { ServerPorts } from '../../ports.ts';
import { readInput } from '../../read-input.ts';

const listQuery = z.object({
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
  after: z.string().min(1).optional(),
  project: z.string().min(1).optional(),
  repository: z.string().min(1).optional(),
  environment: z.string().min(1).optional(),
  cluster: z.string().min(1).optional(),
  state: z.enum(RELEASE_STATES).optional(),
});
const historyQuery = z.object({
  target: z.string().min(1),
  limit: z.coerce.number().int().min(1).max(100).default(20),
});
const deployBody = z.object({ target: z.string().min(1), confirmPrune: z.boolean().optional() });

/** `GET /api/targets?project=…&repository=…&environment=…&cluster=…&state=…&limit=100&after=<next>`, `GET /api/targets/history?target=…`, `POST /api/deploy`. */
export async function targetsRoutes(
  app: FastifyInstance,
  { queries, links, projects, log }: Pick<ServerPorts, 'queries' | 'links' | 'projects' | 'log'>,
): Promise<void> {
  const withUrl = async (release: Release) => ({
    ...release,
    url: await releaseUrl(links, release.id, repositoryOf(release.target)),
  });

  app.get('/targets', forRole('viewer'), async (request) => {
    const { limit, after, project, ...filter } = readInput(listQuery, request.query);
    const scope = scopeFor(holderOf(request), project, projects);
    const { targets, next } = await queries.targets({ ...filter, scope }, limit, after);
    const shown = targets.map(async (target) => ({
      ...target,
      project: projects.projectOf(target.repository),
      release: target.release && (await withUrl(target.release)),
    }));
    return { targets: await Promise.all(shown), next };
  });

  app.get('/targets/history', forRole('viewer'), async (request) => {
    const { target: name, limit } = readInput(historyQuery, request.query);
    const target = await queries.resolve(name, holderOf(request).scope);
    const releases = await queries.history(target, limit);
    return { target, releases: await Promise.all(releases.map(withUrl)) };
  });

  app.post('/deploy', forRole('deployer'), async (request, reply) => {
    const { target: name, confirmPrune } = readInput(deployBody, request.body);
    const { name: by, scope } = holderOf(request);
    const target = await queries.resolve(name, scope);
    const requested = await queries.requestDeploy(target, by, confirmPrune);
    log.info({ by, ...requested, confirmPrune }, 'deploy requested');
    void reply.code(202);
    return requested;
  });
}

/** What the holder may see of one project, or of all. */
function scopeFor(
  { scope }: Holder,
  project: string | undefined,
  projects: ServerPorts['projects'],
): RepositoryScope | undefined {
  if (project === undefined) return scope;
  const one = projects.scopeOf([project]);
  return { ...one, includes: (id) => one.includes(id) && (scope?.includes(id) ?? true) };
}
