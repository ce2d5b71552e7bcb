import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Plans } from '../../../ports/plans.ts';
import { readInput } from '../../read-input.ts';

const planBody = z.object({ target: z.string().min(1), ref: z.string().min(1).max(255).optional() });

/** A plan of a thousand objects takes seconds; one that takes longer than this is not waited for. */
const LONGEST_MS = 120_000;

/** `POST /api/plan`: what deploying a branch or a commit would change, by server-side dry run. */
export async function planRoute(app: FastifyInstance, plans: Plans): Promise<void> {
  app.post('/plan', async (request) => {
    const { target, ref } = readInput(planBody, request.body);
    return plans.plan(target, ref, AbortSignal.timeout(LONGEST_MS));
  });
}
