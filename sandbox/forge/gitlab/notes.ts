import type { FastifyInstance } from 'fastify';
import { addComment, changeComment } from '../comments.ts';
import type { Context } from '../context.ts';
import { ForgeFailure } from '../failure.ts';
import { findPull } from '../pulls/open.ts';
import { type PageQuery, page } from '../rest/page.ts';
import type { CommentRecord } from '../state.ts';
import { type ProjectPath, projectFor } from './access.ts';
import { userView } from './views/user.ts';

type OnMergeRequest = ProjectPath & { Params: { iid: string } };

const noteView = (url: string, note: CommentRecord) => ({
  id: note.id,
  type: null,
  body: note.body,
  author: userView(url),
  created_at: new Date(note.createdAt).toISOString(),
  updated_at: new Date(note.updatedAt).toISOString(),
  system: false,
  noteable_type: 'MergeRequest',
  noteable_iid: note.number,
  resolvable: false,
});

/** GitLab removes lines such as `/approve` from a note and acts on them; a note without other lines is not written. */
const withoutQuickActions = (body: string): string =>
  body
    .split('\n')
    .filter((line) => !/^\/[a-z_]+(\s|$)/.test(line))
    .join('\n')
    .trim();

const noteBody = (body: { body?: unknown }): string => {
  const text = withoutQuickActions(typeof body.body === 'string' ? body.body : '');
  if (text === '') throw new ForgeFailure(400, '400 Bad request - Note {:note=>["can\'t be blank"]}');
  return text;
};

export const noteRoutes = (app: FastifyInstance, context: Context): void => {
  const { face } = context;
  const at = '/projects/:id/merge_requests/:iid/notes';
  app.get<OnMergeRequest & { Querystring: PageQuery }>(at, async (request, reply) => {
    const repository = projectFor(context, request, 'read');
    const { number } = findPull(repository, Number(request.params.iid));
    const notes = repository.comments.filter((comment) => comment.number === number).reverse();
    return page(request, reply, notes, { url: face.url, perPage: 20 }).map((note) =>
      noteView(face.url, note),
    );
  });
  app.post<OnMergeRequest & { Body: { body?: unknown } }>(at, async (request, reply) => {
    const repository = projectFor(context, request, 'write');
    const note = addComment(context, repository, Number(request.params.iid), noteBody(request.body));
    return reply.code(201).send(noteView(face.url, note));
  });
  app.put<OnMergeRequest & { Params: { note: string }; Body: { body?: unknown } }>(
    `${at}/:note`,
    async (request) => {
      const repository = projectFor(context, request, 'write');
      return noteView(
        face.url,
        changeComment(repository, Number(request.params.note), noteBody(request.body)),
      );
    },
  );
};
