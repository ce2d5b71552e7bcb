import type { FastifyInstance } from 'fastify';
import type { Context } from '../context.ts';
import { addDeployment, addDeploymentStatus, findDeployment } from '../deployments.ts';
import { ForgeFailure } from '../failure.ts';
import { type PageQuery, page } from '../rest/page.ts';
import type { DeploymentRecord } from '../state.ts';
import { commitFor, type ProjectPath, projectFor } from './access.ts';
import { userView } from './views/user.ts';

const STATES = ['running', 'success', 'failed', 'canceled'];

const checkState = (state: string | undefined): string => {
  if (state === undefined || !STATES.includes(state))
    throw new ForgeFailure(400, 'status does not have a valid value');
  return state;
};

const deploymentView = (url: string, deployment: DeploymentRecord) => ({
  id: deployment.id,
  iid: deployment.id,
  ref: deployment.ref,
  sha: deployment.sha,
  status: deployment.statuses.at(-1)?.state ?? 'created',
  created_at: new Date(deployment.createdAt).toISOString(),
  updated_at: new Date(deployment.updatedAt).toISOString(),
  user: userView(url),
  environment: { id: 1, name: deployment.environment, external_url: null },
  deployable: null,
});

interface NewDeployment {
  environment: string;
  sha: string;
  ref: string;
  tag?: boolean;
  status?: string;
}

/** https://docs.gitlab.com/api/deployments/: the first deployment creates the environment. */
export const deploymentRoutes = (app: FastifyInstance, context: Context): void => {
  const { face } = context;
  const at = '/projects/:id/deployments';
  app.get<ProjectPath & { Querystring: PageQuery }>(at, async (request, reply) => {
    const { deployments } = projectFor(context, request, 'read');
    return page(request, reply, deployments, { url: face.url, perPage: 20 }).map((each) =>
      deploymentView(face.url, each),
    );
  });
  app.post<ProjectPath & { Body: NewDeployment }>(at, async (request, reply) => {
    const repository = projectFor(context, request, 'write');
    const { environment, ref, status } = request.body;
    const state = checkState(status);
    const sha = await commitFor(repository, request.body.sha);
    const deployment = addDeployment(context, repository, {
      sha,
      ref,
      environment,
      task: 'deploy',
      description: null,
    });
    addDeploymentStatus(context, deployment, { state, description: null, targetUrl: null });
    return reply.code(201).send(deploymentView(face.url, deployment));
  });
  app.put<ProjectPath & { Params: { deployment: string }; Body: { status?: string } }>(
    `${at}/:deployment`,
    async (request) => {
      const repository = projectFor(context, request, 'write');
      const deployment = findDeployment(repository, Number(request.params.deployment));
      const state = checkState(request.body.status);
      addDeploymentStatus(context, deployment, { state, description: null, targetUrl: null });
      return deploymentView(face.url, deployment);
    },
  );
};
