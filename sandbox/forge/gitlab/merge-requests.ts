import type { FastifyInstance } from 'fastify';
import type { Context } from '../context.ts';
import { pullsOfCommit } from '../pulls/brought.ts';
import { mergePull } from '../pulls/merge.ts';
import { closePull, findPull, openPull } from '../pulls/open.ts';
import { type PageQuery, page } from '../rest/page.ts';
import { type CommitPath, commitFor, type ProjectPath, projectFor } from './access.ts';
import { mergeRequestView } from './views/merge-request.ts';

type Numbered = ProjectPath & { Params: { iid: string } };

interface NewMergeRequest {
  title: string;
  source_branch: string;
  target_branch: string;
  description?: string;
}

const readingRoutes = (app: FastifyInstance, context: Context): void => {
  const { face } = context;
  app.get<CommitPath & { Querystring: PageQuery }>(
    '/projects/:id/repository/commits/:sha/merge_requests',
    async (request, reply) => {
      const repository = projectFor(context, request, 'read');
      const pulls = await pullsOfCommit(repository, await commitFor(repository, request.params.sha));
      return page(request, reply, pulls, { url: face.url, perPage: 20 }).map((pull) =>
        mergeRequestView(face.url, repository, pull),
      );
    },
  );

  app.get<ProjectPath & { Querystring: PageQuery & { state?: string } }>(
    '/projects/:id/merge_requests',
    async (request, reply) => {
      const repository = projectFor(context, request, 'read');
      const wanted = request.query.state ?? 'all';
      const views = [...repository.pulls.values()].map((pull) =>
        mergeRequestView(face.url, repository, pull),
      );
      const found = views.filter(({ state }) => wanted === 'all' || state === wanted);
      return page(request, reply, found.reverse(), { url: face.url, perPage: 20 });
    },
  );

  app.get<Numbered>('/projects/:id/merge_requests/:iid', async (request) => {
    const repository = projectFor(context, request, 'read');
    return mergeRequestView(face.url, repository, findPull(repository, Number(request.params.iid)));
  });
};

export const mergeRequestRoutes = (app: FastifyInstance, context: Context): void => {
  const { face } = context;
  readingRoutes(app, context);

  app.post<ProjectPath & { Body: NewMergeRequest }>(
    '/projects/:id/merge_requests',
    async (request, reply) => {
      const repository = projectFor(context, request, 'write');
      const { title, source_branch: head, target_branch: base, description: body } = request.body;
      const pull = await openPull(context, repository, {
        title,
        head,
        base,
        ...(body === undefined ? {} : { body }),
      });
      return reply.code(201).send(mergeRequestView(face.url, repository, pull));
    },
  );

  app.put<Numbered & { Body: { state_event?: string; title?: string } }>(
    '/projects/:id/merge_requests/:iid',
    async (request) => {
      const repository = projectFor(context, request, 'write');
      const pull = findPull(repository, Number(request.params.iid));
      pull.title = request.body.title ?? pull.title;
      if (request.body.state_event === 'close') closePull(context, repository, pull);
      return mergeRequestView(face.url, repository, pull);
    },
  );

  app.put<Numbered & { Body: { squash?: boolean; sha?: string } | null }>(
    '/projects/:id/merge_requests/:iid/merge',
    async (request) => {
      const repository = projectFor(context, request, 'write');
      const pull = findPull(repository, Number(request.params.iid));
      const { squash, sha } = request.body ?? {};
      const method = squash === true ? 'squash' : 'merge';
      await mergePull(context, repository, pull, {
        method,
        ...(sha === undefined ? {} : { expectedHead: sha }),
      });
      return mergeRequestView(face.url, repository, pull);
    },
  );
};
