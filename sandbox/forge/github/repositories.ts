import type { FastifyInstance } from 'fastify';
import type { Context } from '../context.ts';
import { ForgeFailure, notFound } from '../failure.ts';
import { readCommit } from '../git/history.ts';
import { listRefs, readBranch, resolveCommit } from '../git/refs.ts';
import { type PageQuery, page } from '../rest/page.ts';
import type { Repository } from '../state.ts';
import { type RepositoryPath, repositoryFor } from './access.ts';
import { commitView } from './views/commit.ts';
import { apiUrl, fullRepositoryView } from './views/repository.ts';

type BranchPath = RepositoryPath & { Params: { '*': string } };
type CommitPath = RepositoryPath & { Params: { sha: string } };

const commitOf = async (url: string, repository: Repository, sha: string) => {
  const commit = await readCommit(repository.dir, sha);
  if (commit === null) throw notFound();
  return commitView(url, repository, commit);
};

const branchView = async (url: string, repository: Repository, name: string, sha: string) => {
  const self = `${apiUrl(url, repository)}/branches/${name}`;
  const on = repository.protectedBranches.has(name);
  const checks = { enforcement_level: on ? 'non_admins' : 'off', contexts: [], checks: [] };
  return {
    name,
    commit: await commitOf(url, repository, sha),
    _links: { html: `${url}/${repository.fullName}/tree/${name}`, self },
    protected: on,
    protection: { enabled: on, required_status_checks: checks },
    protection_url: `${self}/protection`,
  };
};

export const repositoryRoutes = (app: FastifyInstance, context: Context): void => {
  const { face } = context;
  app.get<RepositoryPath>('/repos/:owner/:repo', async (request) =>
    fullRepositoryView(face.url, repositoryFor(context, request, 'read')),
  );

  app.get<CommitPath>('/repos/:owner/:repo/commits/:sha', async (request) => {
    const repository = repositoryFor(context, request, 'read');
    const sha = await resolveCommit(repository.dir, request.params.sha);
    if (sha === null) throw new ForgeFailure(422, `No commit found for SHA: ${request.params.sha}`);
    return commitOf(face.url, repository, sha);
  });

  app.get<RepositoryPath & { Querystring: PageQuery }>(
    '/repos/:owner/:repo/branches',
    async (request, reply) => {
      const repository = repositoryFor(context, request, 'read');
      const refs = page(request, reply, await listRefs(repository.dir, 'refs/heads'), {
        url: face.url,
        perPage: 30,
      });
      return refs.map(({ ref, sha }) => {
        const name = ref.slice('refs/heads/'.length);
        const commit = { sha, url: `${apiUrl(face.url, repository)}/commits/${sha}` };
        return { name, commit, protected: repository.protectedBranches.has(name) };
      });
    },
  );

  app.get<BranchPath>('/repos/:owner/:repo/branches/*', async (request) => {
    const repository = repositoryFor(context, request, 'read');
    const name = request.params['*'];
    const sha = await readBranch(repository.dir, name);
    if (sha === null) throw new ForgeFailure(404, 'Branch not found');
    return branchView(face.url, repository, name, sha);
  });
};
