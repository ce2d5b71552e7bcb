import type { FastifyRequest } from 'fastify';
import type { Context } from '../context.ts';
import { ForgeFailure, notFound } from '../failure.ts';
import { findRepository, type Repository } from '../state.ts';
import { isKnownToken, mayAccess, readToken } from '../transport/access.ts';

export interface RepositoryPath {
  Params: { owner: string; repo: string };
}

/** The repository that a path names. 401 for a wrong token, 404 if the token may not read it, 403 if it may not write it. */
export const repositoryFor = (
  context: Context,
  request: FastifyRequest<RepositoryPath>,
  access: 'read' | 'write',
): Repository => {
  const token = readToken(request.headers);
  if (token !== null && !isKnownToken(context.state, context.face, token)) {
    throw new ForgeFailure(401, 'Bad credentials');
  }
  const repository = findRepository(context.face, `${request.params.owner}/${request.params.repo}`);
  if (mayAccess(context.state, context.face, token, repository)) return repository;
  if (repository.private) throw notFound();
  if (access === 'read') return repository;
  throw token === null
    ? new ForgeFailure(401, 'Requires authentication')
    : new ForgeFailure(403, 'Resource not accessible by integration');
};
