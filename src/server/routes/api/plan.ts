import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { SlipwayError } from '../../../errors.ts';
import { parseTargetId, repositoryOf } from '../../../model/target.ts';
import type { PlanRequest, RecordedPlan } from '../../../ports/planning.ts';
import type { RepositoryScope } from '../../../ports/projects.ts';
import { maySee } from '../../holders.ts';
import { forRole, holderOf } from '../../plugins/tokens.ts';
import type { ServerPorts } from '../../ports.ts';
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
export async function planRoutes(
  app: FastifyInstance,
  { plans, queries, log }: Pick<ServerPorts, 'plans' | 'queries' | 'log'>,
): Promise<void> {
  const stopping = new AbortController();
  app.addHook('preClose', async () =>
    stopping.abort(new SlipwayError('PLAN_CANCELLED', 'the server is stopping')),
  );

  async function readRequest(request: FastifyRequest): Promise<PlanRequest> {
    const body = readInput(planBody, request.body);
    const { name: by, scope } = holderOf(request);
    const target = await nameInScope(body.target, scope, queries);
    log.info({ by, ...body, target }, 'plan requested');
    return { ...body, target };
  }

  async function findPlan(request: FastifyRequest): Promise<RecordedPlan> {
    const { id } = readInput(params, request.params);
    const recorded = await plans.find(id);
    if (recorded && maySee(holderOf(request), repositoryOf(recorded.request.target))) return recorded;
    throw noPlan(id);
  }

  app.post('/plan', forRole('viewer'), async (request, reply) => {
    const body = await readRequest(request);
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

  app.post('/plans', forRole('viewer'), async (request, reply) => {
    const id = await plans.request(await readRequest(request));
    void reply.code(202);
    return { id };
  });

  app.get('/plans/:id', forRole('viewer'), async (request) => toResponse(await findPlan(request)));

  app.delete('/plans/:id', forRole('viewer'), async (request, reply) => {
    const { id } = await findPlan(request);
    if (!(await plans.cancel(id))) throw noPlan(id);
    log.info({ by: holderOf(request).name, plan: id }, 'plan cancelled');
    return reply.code(204).send();
  });
}

/** Who may see only some projects names a target of theirs: nobody learns from an error what others have. */
async function nameInScope(
  name: string,
  scope: RepositoryScope | undefined,
  queries: ServerPorts['queries'],
): Promise<string> {
  if (!scope) return name;
  const parts = parseTargetId(name);
  // An app that was never deployed is known by its full identity only.
  return parts && scope.includes(parts.repository) ? name : queries.resolve(name, scope);
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
