import type { FastifyInstance } from 'fastify';
import { isoTime } from '../clock.ts';
import type { Context } from '../context.ts';
import {
  addDeployment,
  addDeploymentStatus,
  type DeploymentStatusRecord,
  findDeployment,
} from '../deployments.ts';
import { ForgeFailure } from '../failure.ts';
import { resolveCommit } from '../git/refs.ts';
import { type PageQuery, page } from '../rest/page.ts';
import type { DeploymentRecord, Repository } from '../state.ts';
import { type RepositoryPath, repositoryFor } from './access.ts';
import { apiUrl } from './views/repository.ts';
import { DEVELOPER_LOGIN, nodeId, userView } from './views/user.ts';

const STATES = ['error', 'failure', 'inactive', 'in_progress', 'queued', 'pending', 'success'];

type OneDeployment = RepositoryPath & { Params: { id: string } };

interface NewDeployment {
  ref?: string;
  task?: string;
  environment?: string;
  description?: string | null;
  required_contexts?: string[];
}

interface NewStatus {
  state?: string;
  description?: string;
  log_url?: string;
}

const deploymentView = (url: string, repository: Repository, deployment: DeploymentRecord) => {
  const at = `${apiUrl(url, repository)}/deployments/${deployment.id}`;
  return {
    url: at,
    id: deployment.id,
    node_id: nodeId('DE', deployment.id),
    sha: deployment.sha,
    ref: deployment.ref,
    task: deployment.task,
    payload: {},
    original_environment: deployment.environment,
    environment: deployment.environment,
    description: deployment.description,
    creator: userView(url, DEVELOPER_LOGIN),
    created_at: isoTime(deployment.createdAt),
    updated_at: isoTime(deployment.updatedAt),
    statuses_url: `${at}/statuses`,
    repository_url: apiUrl(url, repository),
  };
};

const statusView = (
  url: string,
  repository: Repository,
  deployment: DeploymentRecord,
  status: DeploymentStatusRecord,
) => {
  const at = `${apiUrl(url, repository)}/deployments/${deployment.id}`;
  return {
    url: `${at}/statuses/${status.id}`,
    id: status.id,
    node_id: nodeId('DES', status.id),
    state: status.state,
    creator: userView(url, DEVELOPER_LOGIN),
    description: status.description ?? '',
    environment: deployment.environment,
    target_url: status.targetUrl ?? '',
    log_url: status.targetUrl ?? '',
    created_at: isoTime(status.at),
    updated_at: isoTime(status.at),
    deployment_url: at,
    repository_url: apiUrl(url, repository),
  };
};

/** Without `required_contexts` GitHub refuses a deployment while any status of the commit is not a success. */
const checkContexts = (
  repository: Repository,
  sha: string,
  required: readonly string[] | undefined,
): void => {
  const last = new Map(
    repository.statuses.filter((each) => each.sha === sha).map((each) => [each.context, each.state]),
  );
  const contexts = required ?? [...last.keys()];
  const failing = contexts.filter((context) => last.get(context) !== 'success');
  if (failing.length > 0) throw new ForgeFailure(409, `Conflict: Commit status checks failed for ${sha}.`);
};

export const deploymentRoutes = (app: FastifyInstance, context: Context): void => {
  const { face } = context;
  const at = '/repos/:owner/:repo/deployments';
  app.get<RepositoryPath & { Querystring: PageQuery }>(at, async (request, reply) => {
    const repository = repositoryFor(context, request, 'read');
    const found = page(request, reply, [...repository.deployments].reverse(), { url: face.url, perPage: 30 });
    return found.map((deployment) => deploymentView(face.url, repository, deployment));
  });
  app.post<RepositoryPath & { Body: NewDeployment }>(at, async (request, reply) => {
    const repository = repositoryFor(context, request, 'write');
    const { ref = '', task = 'deploy', environment = 'production', description = null } = request.body;
    const sha = await resolveCommit(repository.dir, ref);
    if (sha === null) throw new ForgeFailure(422, `No ref found for: ${ref}`);
    checkContexts(repository, sha, request.body.required_contexts);
    const deployment = addDeployment(context, repository, { sha, ref, environment, task, description });
    return reply.code(201).send(deploymentView(face.url, repository, deployment));
  });
  app.post<OneDeployment & { Body: NewStatus }>(`${at}/:id/statuses`, async (request, reply) => {
    const repository = repositoryFor(context, request, 'write');
    const deployment = findDeployment(repository, Number(request.params.id));
    const { state = '', description = null, log_url: targetUrl = null } = request.body;
    if (!STATES.includes(state) || (description ?? '').length > 140)
      throw new ForgeFailure(422, 'Validation Failed');
    const status = addDeploymentStatus(context, deployment, { state, description, targetUrl });
    return reply.code(201).send(statusView(face.url, repository, deployment, status));
  });
};
