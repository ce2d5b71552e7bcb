import type { FastifyInstance } from 'fastify';
import type { Context } from '../context.ts';
import { ForgeFailure } from '../failure.ts';
import { limitGithub } from '../rest/limit.ts';
import { recordCalls } from '../rest/record.ts';
import { commentRoutes } from './comments.ts';
import { deploymentRoutes } from './deployments.ts';
import { installationRoutes } from './installations.ts';
import { pullRoutes } from './pulls.ts';
import { repositoryRoutes } from './repositories.ts';
import { statusRoutes } from './statuses.ts';

const ROUTES = [
  repositoryRoutes,
  statusRoutes,
  pullRoutes,
  commentRoutes,
  deploymentRoutes,
  installationRoutes,
];

/** The GitHub face's REST routes, below `/api/v3`. */
export const githubRoutes = (app: FastifyInstance, context: Context): void => {
  recordCalls(app, context.face);
  limitGithub(app, context.face);
  app.setErrorHandler((error, _request, reply) => {
    const status = error instanceof ForgeFailure ? error.status : 500;
    const message = error instanceof Error ? error.message : 'Server Error';
    return reply
      .code(status)
      .send({ message, documentation_url: 'https://docs.github.com/rest', status: String(status) });
  });
  for (const routes of ROUTES) routes(app, context);
};
