import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { releasePage } from '../../../dashboard/release-page.ts';
import { SlipwayError } from '../../../errors.ts';
import { isOpen, type ReleaseWithChanges } from '../../../model/release.ts';
import { repositoryOf } from '../../../model/target.ts';
import { type Holders, maySee } from '../../holders.ts';
import { releaseUrl, verifyLink } from '../../links.ts';
import type { ServerPorts } from '../../ports.ts';
import { readInput } from '../../read-input.ts';
import { pageLinks } from '../../release-links.ts';

const params = z.object({ id: z.string() });
const query = z.object({ sig: z.string().default(''), login: z.string().optional() });

/** Seconds after which the page of a release in progress reloads. */
const REFRESH_SECONDS = 2;

type PagePorts = Pick<ServerPorts, 'deliveries' | 'forges' | 'links' | 'queries'> & { holders: Holders };

/**
 * `GET /releases/<id>?sig=…`: for everybody who has the signed address, if the project allows it.
 * `GET /releases/<id>?login`: for who sends a token of the project as password. All others get the same 404.
 */
export async function releasePageRoute(app: FastifyInstance, ports: PagePorts): Promise<void> {
  const { links, queries } = ports;
  app.get('/:id', async (request, reply) => {
    const release = await releaseFor(request, reply, ports);
    const repository = repositoryOf(release.target);
    const [siblings, around] = await Promise.all([queries.siblings(release), pageLinks(release, ports)]);
    const linked = siblings.map(async (sibling) => ({
      ...sibling,
      url: await releaseUrl(links, sibling.release, repository),
    }));
    if (isOpen(release.state)) void reply.header('refresh', REFRESH_SECONDS);
    return releasePage(release, await Promise.all(linked), around);
  });
}

/** Nothing is read for an address that is neither signed nor comes with a token. */
async function releaseFor(
  request: FastifyRequest,
  reply: FastifyReply,
  { links, queries, holders }: PagePorts,
): Promise<ReleaseWithChanges> {
  const { id } = readInput(params, request.params);
  const { sig, login } = readInput(query, request.query);
  const isSigned = sig !== '' && verifyLink(await links.secret(), id, sig);
  const holder = holders.ofPassword(request.headers.authorization);
  const release = isSigned || holder ? await queries.release(id) : undefined;
  const repository = release && repositoryOf(release.target);
  const mode = repository === undefined ? 'off' : links.projects.linksOf(repository);
  if (release && mode === 'signed' && isSigned) return release;
  if (release && mode !== 'off' && holder && maySee(holder, repository)) return release;
  if (!holder && (login !== undefined || (isSigned && mode === 'login'))) throw needsLogin(reply);
  throw new SlipwayError('NOT_FOUND', 'there is no such page', {
    hint: 'Follow the link on the commit; the record of an old release is forgotten.',
  });
}

/** https://www.rfc-editor.org/rfc/rfc7617: browsers ask for a user name and a password. */
function needsLogin(reply: FastifyReply): SlipwayError {
  void reply.header('www-authenticate', 'Basic realm="Slipway", charset="UTF-8"');
  return new SlipwayError('UNAUTHORIZED', 'this page needs a login', {
    hint: 'Log in with a token of the project as password; any user name will do.',
  });
}
