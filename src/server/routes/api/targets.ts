import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { RELEASE_STATES, type Release } from '../../../model/release.ts';
import { releaseUrl } from '../../links.ts';
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
  { queries, links, projects }: Pick<ServerPorts, 'queries' | 'links' | 'projects'>,
): Promise<void> {
  const withUrl = (release: Release) => ({ ...release, url: releaseUrl(links, release.id) });

  app.get('/targets', async (request) => {
    const { limit, after, project, ...filter } = readInput(listQuery, request.query);
    const scope = project === undefined ? undefined : projects.scopeOf([project]);
    const { targets, next } = await queries.targets({ ...filter, scope }, limit, after);
    return {
      targets: targets.map((target) => ({
        ...target,
        project: projects.projectOf(target.repository),
        release: target.release && withUrl(target.release),
      })),
      next,
    };
  });

  app.get('/targets/history', async (request) => {
    const { target: name, limit } = readInput(historyQuery, request.query);
    const target = await queries.resolve(name);
    const releases = await queries.history(target, limit);
    return { target, releases: releases.map(withUrl) };
  });

  app.post('/deploy', async (request, reply) => {
    const { target: name, confirmPrune } = readInput(deployBody, request.body);
    const target = await queries.resolve(name);
    void reply.code(202);
    return queries.requestDeploy(target, 'api', confirmPrune);
  });
}
