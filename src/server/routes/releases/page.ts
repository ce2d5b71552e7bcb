import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { releasePage } from '../../../dashboard/release-page.ts';
import { SlipwayError } from '../../../errors.ts';
import { isOpen } from '../../../model/release.ts';
import { releaseUrl, verifyLink } from '../../links.ts';
import type { ServerPorts } from '../../ports.ts';
import { readInput } from '../../read-input.ts';
import { pageLinks } from '../../release-links.ts';

const params = z.object({ id: z.string() });
const query = z.object({ sig: z.string().default('') });

/** Seconds after which the page of a release in progress reloads. */
const REFRESH_SECONDS = 2;

/** `GET /releases/<id>?sig=…`: for everybody who has the signed address; all others get the same 404. */
export async function releasePageRoute(
  app: FastifyInstance,
  ports: Pick<ServerPorts, 'deliveries' | 'forges' | 'links' | 'queries'>,
): Promise<void> {
  const { links, queries } = ports;
  app.get('/:id', async (request, reply) => {
    const { id } = readInput(params, request.params);
    const { sig } = readInput(query, request.query);
    const release = verifyLink(links.secret, id, sig) ? await queries.release(id) : undefined;
    if (!release) {
      throw new SlipwayError('NOT_FOUND', 'there is no such page', {
        hint: 'Follow the link on the commit; the record of an old release is forgotten.',
      });
    }
    const [siblings, around] = await Promise.all([queries.siblings(release), pageLinks(release, ports)]);
    if (isOpen(release.state)) void reply.header('refresh', REFRESH_SECONDS);
    return releasePage(
      release,
      siblings.map((sibling) => ({ ...sibling, url: releaseUrl(links, sibling.release) })),
      around,
    );
  });
}
