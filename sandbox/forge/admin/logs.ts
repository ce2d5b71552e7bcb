import type { FastifyInstance } from 'fastify';
import { contextOf, type ForgeContexts, type Place, placeOf } from '../contexts.ts';
import type { Comment, Deployment, Status } from '../protocol.ts';
import type { CommentRecord, DeploymentRecord } from '../state.ts';

const statusEntry = (status: Status): Status => ({
  id: status.id,
  sha: status.sha,
  context: status.context,
  state: status.state,
  description: status.description,
  targetUrl: status.targetUrl,
  at: status.at,
});

const commentEntry = (comment: CommentRecord): Comment => ({
  id: comment.id,
  body: comment.body,
  createdAt: comment.createdAt,
  updatedAt: comment.updatedAt,
});

const deploymentEntry = (deployment: DeploymentRecord): Deployment => ({
  id: deployment.id,
  sha: deployment.sha,
  ref: deployment.ref,
  environment: deployment.environment,
  statuses: deployment.statuses.map(({ state, description, at }) => ({ state, description, at })),
});

/** The statuses that Slipway posted to the forge, and its requests. */
export const logRoutes = (app: FastifyInstance, contexts: ForgeContexts): void => {
  app.get<{ Params: Place & { sha: string } }>('/:face/:repo/statuses/:sha', async ({ params }) => {
    const { repository } = placeOf(contexts, params);
    return repository.statusLog.filter((status) => status.sha === params.sha).map(statusEntry);
  });
  app.get<{ Params: Place & { number: string } }>('/:face/:repo/comments/:number', async ({ params }) => {
    const { repository } = placeOf(contexts, params);
    return repository.comments.filter(({ number }) => number === Number(params.number)).map(commentEntry);
  });
  app.get<{ Params: Place }>('/:face/:repo/deployments', async ({ params }) =>
    placeOf(contexts, params).repository.deployments.map(deploymentEntry),
  );
  app.get<{ Params: Place }>(
    '/:face/:repo/pushes',
    async ({ params }) => placeOf(contexts, params).repository.pushes,
  );
  app.get<{ Params: { face: string }; Querystring: { repo?: string } }>(
    '/:face/requests',
    async ({ params, query }) =>
      contextOf(contexts, params.face).face.requests.filter(
        ({ repo }) => query.repo === undefined || repo === query.repo,
      ),
  );
};
