import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { SlipwayError } from '../../../errors.ts';
import type { Deliveries } from '../../../ports/deliveries.ts';
import { maySee } from '../../holders.ts';
import { forRole, holderOf } from '../../plugins/tokens.ts';
import { readInput } from '../../read-input.ts';

const query = z.object({
  limit: z.coerce.number().int().min(1).max(1_000).default(50),
  repository: z.string().min(1).optional(),
  state: z.enum(['waiting', 'done', 'ignored', 'failed']).optional(),
});
const params = z.object({ id: z.string() });

/** `GET /api/deliveries` (newest first) and `GET /api/deliveries/<id>`. */
export async function deliveriesRoutes(app: FastifyInstance, deliveries: Deliveries): Promise<void> {
  app.get('/deliveries', forRole('viewer'), async (request) => {
    const { scope } = holderOf(request);
    return { deliveries: await deliveries.list({ ...readInput(query, request.query), scope }) };
  });

  app.get('/deliveries/:id', forRole('viewer'), async (request) => {
    const { id } = readInput(params, request.params);
    const delivery = await deliveries.get(id);
    if (delivery && maySee(holderOf(request), delivery.repository)) return delivery;
    throw new SlipwayError('NOT_FOUND', `no delivery "${id}" is recorded`, {
      hint: 'Old deliveries are forgotten; see deliveries in server.yaml.',
    });
  });
}
