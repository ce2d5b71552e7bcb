import type { FastifyInstance } from 'fastify';
import type { ForgeContexts } from '../contexts.ts';
import { ForgeFailure } from '../failure.ts';
import { faultRoutes } from './faults.ts';
import { hookRoutes } from './hooks.ts';
import { logRoutes } from './logs.ts';
import { pullRoutes } from './pulls.ts';
import { repositoryRoutes } from './repositories.ts';

/** What only tests, the demo and the benchmarks may do; `ForgeClient` is its client. */
export const adminRoutes = (app: FastifyInstance, contexts: ForgeContexts): void => {
  app.addHook('onRequest', async (request) => {
    if (request.headers.authorization !== `Bearer ${contexts.state.adminToken}`) {
      throw new ForgeFailure(401, 'The admin token is missing or wrong');
    }
  });
  app.setErrorHandler((error, _request, reply) => {
    const status = error instanceof ForgeFailure ? error.status : 500;
    return reply.code(status).send({ message: error instanceof Error ? error.message : 'Unknown failure' });
  });
  for (const routes of [repositoryRoutes, pullRoutes, hookRoutes, logRoutes, faultRoutes])
    routes(app, contexts);
};
