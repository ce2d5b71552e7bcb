import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { SlipwayError } from '../../../errors.ts';
import { repositoryOf } from '../../../model/target.ts';
import { maySee } from '../../holders.ts';
import { releaseUrl } from '../../links.ts';
import { forRole, holderOf } from '../../plugins/tokens.ts';
import type { ServerPorts } from '../../ports.ts';
import { readInput } from '../../read-input.ts';

const params = z.object({ id: z.string() });

/** `GET /api/releases/<id>`: the release with its change set and the address of its page. */
export async function releasesRoutes(
  app: FastifyInstance,
  { queries, links }: Pick<ServerPorts, 'queries' | 'links'>,
): Promise<void> {
  app.get('/releases/:id', forRole('viewer'), async (request) => {
    const { id } = readInput(params, request.params);
    const release = await queries.release(id);
    const repository = release && repositoryOf(release.target);
    if (repository !== undefined && maySee(holderOf(request), repository)) {
      return { ...release, url: await releaseUrl(links, id, repository) };
    }
    throw new SlipwayError('NOT_FOUND', `no release "${id}" is recorded`, {
      hint: 'See slipway history <target> for the ids.',
    });
  });
}
