import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { repositoryOf } from '../../../model/target.ts';
import type { Outbox } from '../../../ports/outbox.ts';
import { maySee } from '../../holders.ts';
import { forRole, holderOf } from '../../plugins/tokens.ts';
import { readInput } from '../../read-input.ts';

const query = z.object({
  after: z.string().min(1).optional(),
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
});

/** `GET /api/events?after=<cursor>`: events of all releases after a cursor of an earlier response, oldest first. */
export async function eventsRoute(app: FastifyInstance, outbox: Pick<Outbox, 'readAfter'>): Promise<void> {
  app.get('/events', forRole('viewer'), async (request) => {
    const { after, limit } = readInput(query, request.query);
    const holder = holderOf(request);
    const page = await outbox.readAfter(after, limit);
    return { ...page, events: page.events.filter(({ event }) => maySee(holder, repositoryOf(event.target))) };
  });
}
