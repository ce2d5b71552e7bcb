import type { FastifyInstance } from 'fastify';
import { contextOf, type ForgeContexts, type Place, placeOf } from '../contexts.ts';
import { readHistory } from '../git/history.ts';
import { readBranch } from '../git/refs.ts';
import { ZERO_SHA } from '../git/run.ts';
import type { NewCommit, NewRepository, NewTag } from '../protocol.ts';
import { createRepository, protectBranch, switchDefaultBranch } from '../repositories.ts';
import { commitFiles, commitOrDefault, createTag, moveRef } from '../writes.ts';

type Named = { Params: Place };
type OnBranch = { Params: Place & { branch: string } };
type OnTag = { Params: Place & { tag: string } };

const branchRoutes = (app: FastifyInstance, contexts: ForgeContexts): void => {
  const at = '/:face/:repo/branches/:branch';
  app.get<OnBranch>(at, async ({ params }) => ({
    sha: await readBranch(placeOf(contexts, params).repository.dir, params.branch),
  }));
  app.post<OnBranch & { Body: NewCommit }>(`${at}/commits`, async ({ params, body }) => {
    const { context, repository } = placeOf(contexts, params);
    return commitFiles(context, repository, params.branch, body);
  });
  app.put<OnBranch & { Body: { sha?: string } }>(at, async ({ params, body }) => {
    const { context, repository } = placeOf(contexts, params);
    const sha = await commitOrDefault(repository, body.sha);
    return moveRef(context, repository, `refs/heads/${params.branch}`, sha);
  });
  app.delete<OnBranch>(at, async ({ params }) => {
    const { context, repository } = placeOf(contexts, params);
    return moveRef(context, repository, `refs/heads/${params.branch}`, ZERO_SHA);
  });
  app.put<OnBranch>(`${at}/default`, async ({ params }) => {
    await switchDefaultBranch(placeOf(contexts, params).repository, params.branch);
    return {};
  });
  app.put<OnBranch & { Body: { on: boolean } }>(`${at}/protection`, async ({ params, body }) => {
    await protectBranch(placeOf(contexts, params).repository, params.branch, body.on);
    return {};
  });
};

export const repositoryRoutes = (app: FastifyInstance, contexts: ForgeContexts): void => {
  app.post<Named & { Body: NewRepository }>('/:face/:repo', async ({ params, body }) =>
    createRepository(contextOf(contexts, params.face), params.repo, body),
  );
  branchRoutes(app, contexts);
  app.put<OnTag & { Body: NewTag }>('/:face/:repo/tags/:tag', async ({ params, body }) => {
    const { context, repository } = placeOf(contexts, params);
    return createTag(context, repository, params.tag, body);
  });
  app.delete<OnTag>('/:face/:repo/tags/:tag', async ({ params }) => {
    const { context, repository } = placeOf(contexts, params);
    return moveRef(context, repository, `refs/tags/${params.tag}`, ZERO_SHA);
  });
  app.get<Named & { Querystring: { ref: string; limit?: string } }>(
    '/:face/:repo/log',
    async ({ params, query }) => {
      const { repository } = placeOf(contexts, params);
      const commits = await readHistory(repository.dir, [`-${query.limit ?? 50}`, query.ref]);
      return commits.map(({ sha, parents, message }) => ({ sha, parents, message }));
    },
  );
};
