import { now } from './clock.ts';
import type { Context } from './context.ts';
import { ForgeFailure, notFound } from './failure.ts';
import type { CommentRecord, Repository } from './state.ts';

/** GitHub's limit; GitLab's is far higher. */
const LONGEST = 65_536;

const checkBody = (body: unknown): string => {
  if (typeof body !== 'string' || body === '')
    throw new ForgeFailure(422, "Validation Failed: body can't be blank");
  if (body.length > LONGEST) {
    throw new ForgeFailure(422, `Validation Failed: body is too long (maximum is ${LONGEST} characters)`);
  }
  return body;
};

export const addComment = (
  context: Context,
  repository: Repository,
  number: number,
  body: unknown,
): CommentRecord => {
  if (!repository.pulls.has(number)) throw notFound();
  const at = now();
  const comment = { id: context.state.nextId(), number, body: checkBody(body), createdAt: at, updatedAt: at };
  repository.comments.push(comment);
  return comment;
};

export const changeComment = (repository: Repository, id: number, body: unknown): CommentRecord => {
  const comment = repository.comments.find((candidate) => candidate.id === id);
  if (comment === undefined) throw notFound();
  comment.body = checkBody(body);
  comment.updatedAt = now();
  return comment;
};
