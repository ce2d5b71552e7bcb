import type { FastifyInstance } from 'fastify';
import type { Context } from '../context.ts';
import { ForgeFailure } from '../failure.ts';
import { limitGitlab } from '../rest/limit.ts';
import { recordCalls } from '../rest/record.ts';
import { deploymentRoutes } from './deployments.ts';
import { mergeRequestRoutes } from './merge-requests.ts';
import { noteRoutes } from './notes.ts';
import { projectRoutes } from './projects.ts';
import { statusRoutes } from './statuses.ts';

/** The GitLab face's REST routes, below `/api/v4`. */
export const gitlabRoutes = (app: FastifyInstance, context: Context): void => {
  recordCalls(app, context.face);
  limitGitlab(app, context.face);
  app.setErrorHandler((error, _request, reply) => {
    const status = error instanceof ForgeFailure ? error.status : 500;
    const message = error instanceof Error ? error.message : '500 Internal Server Error';
    return reply.code(status).send({ message });
  });
  for (const routes of [projectRoutes, statusRoutes, mergeRequestRoutes, noteRoutes, deploymentRoutes]) {
    routes(app, context);
  }
};
