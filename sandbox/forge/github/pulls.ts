import type { FastifyInstance } from 'fastify';
import type { Context } from '../context.ts';
import { ForgeFailure } from '../failure.ts';
import { resolveCommit } from '../git/refs.ts';
import type { MergeMethod, NewPull } from '../protocol.ts';
import { pullsOfCommit } from '../pulls/brought.ts';
import { mergePull } from '../pulls/merge.ts';
import { closePull, findPull, openPull } from '../pulls/open.ts';
import { type PageQuery, page } from '../rest/page.ts';
import type { PullRecord } from '../state.ts';
import { type RepositoryPath, repositoryFor } from './access.ts';
import { restPullView, simplePullView } from './views/pull.ts';

type Numbered = RepositoryPath & { Params: { number: string } };
type ListQuery = PageQuery & { state?: string; base?: string };

const listed = (pull: PullRecord, query: ListQuery): boolean => {
  const state = pull.state === 'open' ? 'open' : 'closed';
  const wanted = query.state ?? 'open';
  return (wanted === 'all' || wanted === state) && (query.base === undefined || query.base === pull.base);
};

const readingRoutes = (app: FastifyInstance, context: Context): void => {
  const { face } = context;
  app.get<RepositoryPath & { Params: { sha: string }; Querystring: PageQuery }>(
    '/repos/:owner/:repo/commits/:sha/pulls',
    async (request, reply) => {
      const repository = repositoryFor(context, request, 'read');
      const sha = await resolveCommit(repository.dir, request.params.sha);
      if (sha === null) throw new ForgeFailure(422, `No commit found for SHA: ${request.params.sha}`);
      const pulls = page(request, reply, await pullsOfCommit(repository, sha), {
        url: face.url,
        perPage: 30,
      });
      return pulls.map((pull) => simplePullView(face.url, repository, pull));
    },
  );

  app.get<RepositoryPath & { Querystring: ListQuery }>(
    '/repos/:owner/:repo/pulls',
    async (request, reply) => {
      const repository = repositoryFor(context, request, 'read');
      const found = [...repository.pulls.values()].filter((pull) => listed(pull, request.query)).reverse();
      const pulls = page(request, reply, found, { url: face.url, perPage: 30 });
      return pulls.map((pull) => simplePullView(face.url, repository, pull));
    },
  );

  app.get<Numbered>('/repos/:owner/:repo/pulls/:number', async (request) => {
    const repository = repositoryFor(context, request, 'read');
    return restPullView(face.url, repository, findPull(repository, Number(request.params.number)));
  });
};

export const pullRoutes = (app: FastifyInstance, context: Context): void => {
  const { face } = context;
  readingRoutes(app, context);

  app.post<RepositoryPath & { Body: NewPull }>('/repos/:owner/:repo/pulls', async (request, reply) => {
    const repository = repositoryFor(context, request, 'write');
    const pull = await openPull(context, repository, request.body);
    return reply.code(201).send(restPullView(face.url, repository, pull));
  });

  app.patch<Numbered & { Body: { state?: string; title?: string } }>(
    '/repos/:owner/:repo/pulls/:number',
    async (request) => {
      const repository = repositoryFor(context, request, 'write');
      const pull = findPull(repository, Number(request.params.number));
      pull.title = request.body.title ?? pull.title;
      if (request.body.state === 'closed') closePull(context, repository, pull);
      return restPullView(face.url, repository, pull);
    },
  );

  app.put<Numbered & { Body: { merge_method?: MergeMethod; sha?: string } | null }>(
    '/repos/:owner/:repo/pulls/:number/merge',
    async (request) => {
      const repository = repositoryFor(context, request, 'write');
      const pull = findPull(repository, Number(request.params.number));
      const { merge_method: method = 'merge', sha } = request.body ?? {};
      await mergePull(context, repository, pull, {
        method,
        ...(sha === undefined ? {} : { expectedHead: sha }),
      });
      return { sha: pull.mergeCommitSha, merged: true, message: 'Pull Request successfully merged' };
    },
  );
};
