import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { SlipwayError } from '../../../errors.ts';
import type { Quarantined } from '../../../ports/quarantine.ts';
import { type Holder, maySee } from '../../holders.ts';
import { forRole, holderOf } from '../../plugins/tokens.ts';
import type { ServerPorts } from '../../ports.ts';
import { readInput } from '../../read-input.ts';

const retryBody = z.object({ queue: z.string().min(1), name: z.string().min(1) });

/** `GET /api/quarantine` (oldest first) and `POST /api/quarantine/retry`. */
export async function quarantineRoutes(
  app: FastifyInstance,
  { quarantine, log }: Pick<ServerPorts, 'quarantine' | 'log'>,
): Promise<void> {
  const seenBy = async (holder: Holder): Promise<Quarantined[]> =>
    (await quarantine.list()).filter(({ repository }) => maySee(holder, repository));

  app.get('/quarantine', forRole('admin'), async (request) => ({ jobs: await seenBy(holderOf(request)) }));

  app.post('/quarantine/retry', forRole('admin'), async (request, reply) => {
    const { queue, name } = readInput(retryBody, request.body);
    const holder = holderOf(request);
    const job = (await seenBy(holder)).find((one) => one.queue === queue && one.name === name);
    if (!job) {
      throw new SlipwayError('NOT_FOUND', `no ${queue} job "${name}" is in quarantine`, {
        hint: 'See slipway quarantine.',
      });
    }
    await quarantine.retry(job, holder.name);
    log.info({ by: holder.name, queue, name }, 'quarantined job is tried again');
    void reply.code(202);
    return { queue, name };
  });
}
