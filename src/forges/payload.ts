import { z } from 'zod';
import { SlipwayError } from '../errors.ts';

/** A commit id, SHA-1 or SHA-256. */
export const CommitId = z.string().regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/);

/** A repository's path on its forge: `owner/name`, on GitLab with its groups. Never `.` or `..` in a part. */
export const RepositoryPath = z.string().regex(/^(?!\.{1,2}\/)[\w.-]+(?:\/(?!\.{1,2}(?:\/|$))[\w.-]+)+$/);

/** A branch's name, if the payload holds one: it only says that a look is worth it. */
export const BranchName = z.string().max(255).optional().catch(undefined);

/** Login of whoever caused an event; the event is worth more than its sender's name. */
export const Sender = z.string().optional().catch(undefined);

// Ids become parts of Redis keys and log lines, and no forge's signature covers the header they come in.
const deliveryId = /^[\w.-]{1,128}$/;

/** The id a header gave, or BODY_INVALID where it is missing or no id. */
export function checkDeliveryId(id: string | undefined, header: string): string {
  if (id === undefined) throw new SlipwayError('BODY_INVALID', `The request lacks the header ${header}.`);
  if (deliveryId.test(id)) return id;
  throw new SlipwayError('BODY_INVALID', `The header ${header} is not an id.`);
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes the body, which is never stored or logged.
    throw new SlipwayError('BODY_INVALID', 'The body is not JSON.');
  }
}

/** The fields of `schema` from a payload; throws BODY_INVALID with what is missing for an event of this name. */
export function readPayload<T>(schema: z.ZodType<T>, payload: unknown, event: string): T {
  const result = schema.safeParse(payload);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const field = issue?.path.join('.') || 'the body';
  throw new SlipwayError(
    'BODY_INVALID',
    `The ${event} event: ${field}: ${issue?.message ?? 'is not valid'}.`,
  );
}

/** Forges write a commit that is not there (a new or deleted branch) as zeros. */
export function isNoCommit(id: string): boolean {
  return /^0+$/.test(id);
}

/** `branch main` or `tag v1`, for sentences. */
export function describeRef(ref: string): string {
  if (ref.startsWith('refs/heads/')) return `branch ${ref.slice('refs/heads/'.length)}`;
  if (ref.startsWith('refs/tags/')) return `tag ${ref.slice('refs/tags/'.length)}`;
  return ref;
}

export function deletedReason(ref: string): string {
  return `${describeRef(ref)} was deleted, which deploys and deletes nothing`;
}
