import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { SlipwayError } from '../../../errors.ts';
import type { Queries } from '../../../ports/queries.ts';
import { type LinkSettings, releaseUrl } from '../../links.ts';
import { readInput } from '../../read-input.ts';

const params = z.object({ id: z.string() });

/** `GET /api/releases/<id>`: the release with its change set and the address of its page. */
export async function releasesRoutes(
  app: FastifyInstance,
  queries: Queries,
  links: LinkSettings,
): Promise<void> {
  app.get('/releases/:id', async (request) => {
    const { id } = readInput(params, request.params);
    const release = await queries.release(id);
    if (release) return { ...release, url: releaseUrl(links, release.id) };
    throw new SlipwayError('NOT_FOUND', `no release "${id}" is recorded`, {
      hint: 'See slipway history <target> for the ids.',
    });
  });
}
