import type { FastifyRequest } from 'fastify';
import type { Context } from '../context.ts';
import { ForgeFailure } from '../failure.ts';
import { resolveCommit } from '../git/refs.ts';
import type { Repository } from '../state.ts';
import { isKnownToken, readToken } from '../transport/access.ts';

export interface ProjectPath {
  Params: { id: string };
}

export type CommitPath = ProjectPath & { Params: { sha: string } };

/** The project that a path names by number or by its encoded path. 401 without a valid token, 404 if it does not exist. */
export const projectFor = (
  context: Context,
  request: FastifyRequest<ProjectPath>,
  access: 'read' | 'write',
): Repository => {
  const token = readToken(request.headers);
  const known = token !== null && isKnownToken(context.state, context.face, token);
  if (token !== null && !known) throw new ForgeFailure(401, '401 Unauthorized');
  const { id } = request.params;
  const repositories = [...context.face.repositories.values()];
  const project = /^\d+$/.test(id)
    ? repositories.find((repository) => repository.id === Number(id))
    : context.face.repositories.get(id.toLowerCase());
  if (project === undefined || (project.private && !known))
    throw new ForgeFailure(404, '404 Project Not Found');
  if (access === 'write' && !known) throw new ForgeFailure(401, '401 Unauthorized');
  return project;
};

export const commitFor = async (repository: Repository, name: string): Promise<string> => {
  const sha = await resolveCommit(repository.dir, name);
  if (sha === null) throw new ForgeFailure(404, '404 Commit Not Found');
  return sha;
};
