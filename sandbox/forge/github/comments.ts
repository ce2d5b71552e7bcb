import type { FastifyInstance } from 'fastify';
import { isoTime } from '../clock.ts';
import { addComment, changeComment } from '../comments.ts';
import type { Context } from '../context.ts';
import { findPull } from '../pulls/open.ts';
import { type PageQuery, page } from '../rest/page.ts';
import type { CommentRecord, Repository } from '../state.ts';
import { type RepositoryPath, repositoryFor } from './access.ts';
import { apiUrl } from './views/repository.ts';
import { DEVELOPER_LOGIN, nodeId, userView } from './views/user.ts';

type OnIssue = RepositoryPath & { Params: { number: string } };
type OneComment = RepositoryPath & { Params: { id: string } };

const commentView = (url: string, repository: Repository, comment: CommentRecord) => ({
  id: comment.id,
  node_id: nodeId('IC', comment.id),
  url: `${apiUrl(url, repository)}/issues/comments/${comment.id}`,
  html_url: `${url}/${repository.fullName}/pull/${comment.number}#issuecomment-${comment.id}`,
  issue_url: `${apiUrl(url, repository)}/issues/${comment.number}`,
  body: comment.body,
  user: userView(url, DEVELOPER_LOGIN),
  created_at: isoTime(comment.createdAt),
  updated_at: isoTime(comment.updatedAt),
  author_association: 'MEMBER',
});

/** The comments of a pull request, which GitHub keeps as those of an issue with the same number. */
export const commentRoutes = (app: FastifyInstance, context: Context): void => {
  const { face } = context;
  const at = '/repos/:owner/:repo/issues/:number/comments';
  app.get<OnIssue & { Querystring: PageQuery }>(at, async (request, reply) => {
    const repository = repositoryFor(context, request, 'read');
    const { number } = findPull(repository, Number(request.params.number));
    const found = repository.comments.filter((comment) => comment.number === number);
    const comments = page(request, reply, found, { url: face.url, perPage: 30 });
    return comments.map((comment) => commentView(face.url, repository, comment));
  });
  app.post<OnIssue & { Body: { body?: unknown } }>(at, async (request, reply) => {
    const repository = repositoryFor(context, request, 'write');
    const comment = addComment(context, repository, Number(request.params.number), request.body.body);
    return reply.code(201).send(commentView(face.url, repository, comment));
  });
  app.patch<OneComment & { Body: { body?: unknown } }>(
    '/repos/:owner/:repo/issues/comments/:id',
    async (request) => {
      const repository = repositoryFor(context, request, 'write');
      const comment = changeComment(repository, Number(request.params.id), request.body.body);
      return commentView(face.url, repository, comment);
    },
  );
};
