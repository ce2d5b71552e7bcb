import type { FastifyInstance } from 'fastify';
import type { Context } from '../context.ts';
import { ForgeFailure } from '../failure.ts';
import { type CommitRecord, readCommit } from '../git/history.ts';
import { listRefs, readBranch } from '../git/refs.ts';
import { type PageQuery, page } from '../rest/page.ts';
import type { Repository } from '../state.ts';
import { type CommitPath, commitFor, type ProjectPath, projectFor } from './access.ts';
import { projectView } from './views/project.ts';

const commitView = (url: string, repository: Repository, commit: CommitRecord) => ({
  id: commit.sha,
  short_id: commit.sha.slice(0, 8),
  title: commit.message.split('\n')[0] ?? '',
  message: commit.message,
  author_name: commit.author.name,
  author_email: commit.author.email,
  authored_date: commit.author.date,
  committer_name: commit.committer.name,
  committer_email: commit.committer.email,
  committed_date: commit.committer.date,
  created_at: commit.committer.date,
  parent_ids: commit.parents,
  web_url: `${url}/${repository.fullName}/-/commit/${commit.sha}`,
});

const commitNamed = async (url: string, repository: Repository, name: string) => {
  const commit = await readCommit(repository.dir, await commitFor(repository, name));
  if (commit === null) throw new ForgeFailure(404, '404 Commit Not Found');
  return commitView(url, repository, commit);
};

const branchView = async (url: string, repository: Repository, name: string, sha: string) => ({
  name,
  commit: await commitNamed(url, repository, sha),
  default: name === repository.defaultBranch,
  protected: repository.protectedBranches.has(name),
  merged: false,
  web_url: `${url}/${repository.fullName}/-/tree/${name}`,
});

export const projectRoutes = (app: FastifyInstance, context: Context): void => {
  const { face } = context;
  app.get<ProjectPath>('/projects/:id', async (request) =>
    projectView(face.url, projectFor(context, request, 'read')),
  );

  app.get<CommitPath>('/projects/:id/repository/commits/:sha', async (request) =>
    commitNamed(face.url, projectFor(context, request, 'read'), request.params.sha),
  );

  app.get<ProjectPath & { Querystring: PageQuery }>(
    '/projects/:id/repository/branches',
    async (request, reply) => {
      const repository = projectFor(context, request, 'read');
      const refs = page(request, reply, await listRefs(repository.dir, 'refs/heads'), {
        url: face.url,
        perPage: 20,
      });
      return Promise.all(
        refs.map(({ ref, sha }) => branchView(face.url, repository, ref.slice('refs/heads/'.length), sha)),
      );
    },
  );

  app.get<ProjectPath & { Params: { branch: string } }>(
    '/projects/:id/repository/branches/:branch',
    async (request) => {
      const repository = projectFor(context, request, 'read');
      const { branch } = request.params;
      const sha = await readBranch(repository.dir, branch);
      if (sha === null) throw new ForgeFailure(404, '404 Branch Not Found');
      return branchView(face.url, repository, branch, sha);
    },
  );
};
