import type { FastifyInstance } from 'fastify';
import { now } from '../clock.ts';
import type { Context } from '../context.ts';
import { ForgeFailure } from '../failure.ts';
import { takeStatusError } from '../faults.ts';
import { hasCommit } from '../rest/commits.ts';
import { type PageQuery, page } from '../rest/page.ts';
import type { PipelineRecord, Repository, StatusRecord } from '../state.ts';
import { type CommitPath, commitFor, projectFor } from './access.ts';
import { pipelineFor } from './pipelines.ts';
import { checkTransition, type GitlabState, STATES } from './transitions.ts';
import { statusView } from './views/status.ts';

const LONGEST = 255;

interface StatusBody {
  state?: string;
  ref?: string;
  name?: string;
  context?: string;
  target_url?: string;
  description?: string;
  pipeline_id?: number | string;
}

const stateOf = (body: StatusBody): GitlabState => {
  const found = STATES.find((state) => state === body.state);
  if (found === undefined) throw new ForgeFailure(400, 'state does not have a valid value');
  return found;
};

const checkLengths = (body: StatusBody): void => {
  const long = (text: string | undefined): boolean => (text ?? '').length > LONGEST;
  if (long(body.target_url))
    throw new ForgeFailure(400, `Target url is too long (maximum is ${LONGEST} characters)`);
  if (long(body.name ?? body.context))
    throw new ForgeFailure(400, `Name is too long (maximum is ${LONGEST} characters)`);
};

/** GitLab updates a status of that name while it is pending or running, and otherwise creates a new one. */
const findOrCreate = (
  context: Context,
  repository: Repository,
  pipeline: PipelineRecord,
  name: string,
): StatusRecord => {
  const open = repository.statuses.findLast(
    (status) =>
      status.pipelineId === pipeline.id &&
      status.context === name &&
      (status.state === 'pending' || status.state === 'running'),
  );
  const at = now();
  return (
    open ?? {
      id: context.state.nextId(),
      sha: pipeline.sha,
      context: name,
      state: 'created',
      description: null,
      targetUrl: null,
      at,
      updatedAt: at,
      ref: pipeline.ref,
      pipelineId: pipeline.id,
    }
  );
};

const setStatus = async (
  context: Context,
  repository: Repository,
  sha: string,
  body: StatusBody,
): Promise<StatusRecord> => {
  const state = stateOf(body);
  checkLengths(body);
  const id = body.pipeline_id === undefined ? undefined : Number(body.pipeline_id);
  const pipeline = await pipelineFor(context, repository, sha, { id, ref: body.ref });
  const status = findOrCreate(context, repository, pipeline, body.name ?? body.context ?? 'default');
  checkTransition(status.state, state);
  if (status.state === 'created') repository.statuses.push(status);
  status.state = state;
  status.description = body.description ?? status.description;
  status.targetUrl = body.target_url ?? status.targetUrl;
  status.updatedAt = now();
  repository.statusLog.push({ ...status, at: status.updatedAt });
  return status;
};

type ListQuery = PageQuery & { ref?: string; name?: string; pipeline_id?: string; all?: string };

const fits = (status: StatusRecord, query: ListQuery): boolean =>
  (query.ref === undefined || status.ref === query.ref) &&
  (query.name === undefined || status.context === query.name) &&
  (query.pipeline_id === undefined || status.pipelineId === Number(query.pipeline_id));

const newestOfEachName = (statuses: readonly StatusRecord[]): StatusRecord[] => {
  const newest = new Map(statuses.map((status) => [`${status.pipelineId}/${status.context}`, status]));
  return [...newest.values()];
};

export const statusRoutes = (app: FastifyInstance, context: Context): void => {
  const { face } = context;
  app.post<CommitPath & { Body: StatusBody | null; Querystring: StatusBody }>(
    '/projects/:id/statuses/:sha',
    async (request, reply) => {
      const repository = projectFor(context, request, 'write');
      const { sha } = request.params;
      const fault = takeStatusError(context.face, repository);
      if (fault !== null) throw new ForgeFailure(fault, `${fault} A fault makes the forge fail here`);
      if (!(await hasCommit(repository, sha))) throw new ForgeFailure(404, '404 Commit Not Found');
      const status = await setStatus(context, repository, sha, { ...request.query, ...request.body });
      return reply.code(201).send(statusView(face.url, status));
    },
  );

  app.get<CommitPath & { Querystring: ListQuery }>(
    '/projects/:id/repository/commits/:sha/statuses',
    async (request, reply) => {
      const repository = projectFor(context, request, 'read');
      const sha = await commitFor(repository, request.params.sha);
      const found = repository.statuses.filter((status) => status.sha === sha && fits(status, request.query));
      const listed = request.query.all === 'true' ? found : newestOfEachName(found);
      return page(request, reply, listed, { url: face.url, perPage: 20 }).map((status) =>
        statusView(face.url, status),
      );
    },
  );
};
