import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { SlipwayError } from '../../../errors.ts';
import type { Plans, RecordedPlan } from '../../../ports/planning.ts';
import { readInput } from '../../read-input.ts';

const planBody = z.object({
  target: z.string().min(1),
  ref: z.string().min(1).max(255).optional(),
  maxAgeMs: z.number().int().min(0).max(60_000).optional(),
});
const params = z.object({ id: z.string() });

/**
 * `POST /api/plan` waits for what deploying a branch or a commit would change; who hangs up cancels it. The same
 * without waiting: `POST /api/plans`, then `GET` and `DELETE /api/plans/<id>`.
 */
export async function planRoutes(app: FastifyInstance, plans: Plans): Promise<void> {
  const stopping = new AbortController();
  app.addHook('preClose', async () =>
    stopping.abort(new SlipwayError('PLAN_CANCELLED', 'the server is stopping')),
  );

  app.post('/plan', async (request, reply) => {
    const body = readInput(planBody, request.body);
    const hungUp = new AbortController();
    reply.raw.once('close', () =>
      hungUp.abort(new SlipwayError('PLAN_CANCELLED', 'the client has closed the connection')),
    );
    try {
      return await plans.plan(body, AbortSignal.any([hungUp.signal, stopping.signal]));
    } finally {
      // A connection that stays open would hold up the stop.
      if (stopping.signal.aborted) void reply.header('connection', 'close');
    }
  });

  app.post('/plans', async (request, reply) => {
    void reply.code(202);
    return { id: await plans.request(readInput(planBody, request.body)) };
  });

  app.get('/plans/:id', async (request) => {
    const { id } = readInput(params, request.params);
    const recorded = await plans.find(id);
    if (!recorded) throw noPlan(id);
    return toResponse(recorded);
  });

  app.delete('/plans/:id', async (request, reply) => {
    const { id } = readInput(params, request.params);
    if (!(await plans.cancel(id))) throw noPlan(id);
    return reply.code(204).send();
  });
}

function toResponse({ id, request, state, outcome, ...recorded }: RecordedPlan) {
  const requestedAt = Math.floor(recorded.requestedAt);
  if (!outcome) return { id, request, requestedAt, state };
  const end = 'failure' in outcome ? { failure: outcome.failure } : { plan: outcome.value };
  return { id, request, requestedAt, state, ...end };
}

function noPlan(id: string): SlipwayError {
  return new SlipwayError('NOT_FOUND', `no plan "${id}" was requested, or it was cancelled or has expired`, {
    hint: 'A plan is kept for a minute after somebody last asked for it.',
  });
}
