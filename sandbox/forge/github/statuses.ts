import type { FastifyInstance } from 'fastify';
import { now } from '../clock.ts';
import type { Context } from '../context.ts';
import { ForgeFailure, notFound } from '../failure.ts';
import { takeStatusError } from '../faults.ts';
import { resolveCommit } from '../git/refs.ts';
import { hasCommit } from '../rest/commits.ts';
import { type PageQuery, page } from '../rest/page.ts';
import type { Repository, StatusRecord } from '../state.ts';
import { type RepositoryPath, repositoryFor } from './access.ts';
import { combinedStatusView, statusView } from './views/status.ts';

/** https://docs.github.com/en/rest/commits/statuses: GitHub returns 422 beyond these limits. */
const LIMITS = { description: 140, context: 255, perShaAndContext: 1000 };
const STATES = ['error', 'failure', 'pending', 'success'];

interface StatusBody {
  state?: unknown;
  target_url?: string | null;
  description?: string | null;
  context?: string;
}

const invalid = (message: string): ForgeFailure => new ForgeFailure(422, `Validation Failed: ${message}`);

const checkBody = (repository: Repository, sha: string, body: StatusBody): void => {
  const context = body.context ?? 'default';
  if (typeof body.state !== 'string' || !STATES.includes(body.state))
    throw invalid('state is not included in the list');
  if ((body.description ?? '').length > LIMITS.description) {
    throw invalid(`description is too long (maximum is ${LIMITS.description} characters)`);
  }
  if (/[\u{10000}-\u{10FFFF}]/u.test(body.description ?? ''))
    throw invalid("description doesn't accept 4-byte Unicode");
  if (context.length > LIMITS.context)
    throw invalid(`context is too long (maximum is ${LIMITS.context} characters)`);
  if (body.target_url && !/^https?:\/\//.test(body.target_url))
    throw invalid('target_url must use http(s) scheme');
  const alike = repository.statuses.filter((status) => status.sha === sha && status.context === context);
  if (alike.length >= LIMITS.perShaAndContext) {
    throw invalid('This SHA and context has reached the maximum number of statuses.');
  }
};

const addStatus = (context: Context, repository: Repository, sha: string, body: StatusBody): StatusRecord => {
  const at = now();
  const status: StatusRecord = {
    id: context.state.nextId(),
    sha,
    context: body.context ?? 'default',
    state: String(body.state),
    description: body.description ?? null,
    targetUrl: body.target_url ?? null,
    at,
    updatedAt: at,
    ref: null,
    pipelineId: null,
  };
  repository.statuses.push(status);
  repository.statusLog.push(status);
  return status;
};

type ShaPath = RepositoryPath & { Params: { sha: string } };

const commitNamed = async (repository: Repository, name: string): Promise<string> => {
  const sha = await resolveCommit(repository.dir, name);
  if (sha === null) throw notFound();
  return sha;
};

export const statusRoutes = (app: FastifyInstance, context: Context): void => {
  const { face } = context;
  app.post<ShaPath & { Body: StatusBody }>('/repos/:owner/:repo/statuses/:sha', async (request, reply) => {
    const repository = repositoryFor(context, request, 'write');
    const { sha } = request.params;
    const fault = takeStatusError(context.face, repository);
    const missing = new ForgeFailure(422, `No commit found for SHA: ${sha}`);
    if (fault === 422) throw missing;
    if (fault !== null) throw new ForgeFailure(fault, 'A fault makes the forge fail here');
    if (!(await hasCommit(repository, sha))) throw missing;
    checkBody(repository, sha, request.body);
    const status = addStatus(context, repository, sha, request.body);
    return reply.code(201).send(statusView(face.url, repository, status));
  });

  app.get<ShaPath & { Querystring: PageQuery }>(
    '/repos/:owner/:repo/commits/:sha/status',
    async (request, reply) => {
      const repository = repositoryFor(context, request, 'read');
      const sha = await commitNamed(repository, request.params.sha);
      const view = combinedStatusView(face.url, repository, sha);
      return { ...view, statuses: page(request, reply, view.statuses, { url: face.url, perPage: 30 }) };
    },
  );

  app.get<ShaPath & { Querystring: PageQuery }>(
    '/repos/:owner/:repo/commits/:sha/statuses',
    async (request, reply) => {
      const repository = repositoryFor(context, request, 'read');
      const sha = await commitNamed(repository, request.params.sha);
      const found = repository.statuses.filter((status) => status.sha === sha);
      const statuses = page(request, reply, found.reverse(), { url: face.url, perPage: 30 });
      return statuses.map((status) => statusView(face.url, repository, status));
    },
  );
};
