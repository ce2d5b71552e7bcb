import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Release } from '../../../model/release.ts';
import type { Queries } from '../../../ports/queries.ts';
import { type LinkSettings, releaseUrl } from '../../links.ts';
import { readInput } from '../../read-input.ts';

const historyQuery = z.object({
  target: z.string().min(1),
  limit: z.coerce.number().int().min(1).max(100).default(20),
});
const deployBody = z.object({ target: z.string().min(1), confirmPrune: z.boolean().optional() });

/** `GET /api/targets`, `GET /api/targets/history?target=…`, `POST /api/deploy`. */
export async function targetsRoutes(
  app: FastifyInstance,
  queries: Queries,
  links: LinkSettings,
): Promise<void> {
  const withUrl = (release: Release) => ({ ...release, url: releaseUrl(links, release.id) });

  app.get('/targets', async () => {
    const targets = await queries.targets();
    return {
      targets: targets.map((target) =>
        target.release ? { ...target, release: withUrl(target.release) } : target,
      ),
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
