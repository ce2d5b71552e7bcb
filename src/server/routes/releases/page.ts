import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { releasePage } from '../../../dashboard/release-page.ts';
import { styleHash } from '../../../dashboard/style.ts';
import { SlipwayError } from '../../../errors.ts';
import { isOpen } from '../../../model/release.ts';
import { releaseUrl, verifyLink } from '../../links.ts';
import type { ServerPorts } from '../../ports.ts';
import { readInput } from '../../read-input.ts';

const params = z.object({ id: z.string() });
const query = z.object({ sig: z.string().default('') });

/** Seconds after which the page of a release under way asks again. */
const REFRESH_SECONDS = 2;

const pageHeaders = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `default-src 'none'; style-src '${styleHash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  // The address is the key: it may not leak to linked pages, search engines or shared caches.
  'referrer-policy': 'no-referrer',
  'x-robots-tag': 'noindex, nofollow',
  'cache-control': 'private, no-store',
  'x-content-type-options': 'nosniff',
};

/** `GET /releases/<id>?sig=…`: for whoever has the signed address; anybody else hears the same 404. */
export async function releasePageRoute(
  app: FastifyInstance,
  { queries, links }: Pick<ServerPorts, 'queries' | 'links'>,
): Promise<void> {
  app.get('/releases/:id', async (request, reply) => {
    const { id } = readInput(params, request.params);
    const { sig } = readInput(query, request.query);
    const release = verifyLink(links.secret, id, sig) ? await queries.release(id) : undefined;
    if (!release) {
      throw new SlipwayError('NOT_FOUND', 'there is no such page', {
        hint: 'Follow the link on the commit; the record of an old release is forgotten.',
      });
    }
    const siblings = await queries.siblings(release);
    void reply.headers(pageHeaders);
    if (isOpen(release.state)) void reply.header('refresh', REFRESH_SECONDS);
    return releasePage(
      release,
      siblings.map((sibling) => ({ ...sibling, url: releaseUrl(links, sibling.id) })),
    );
  });
}
