import { z } from 'zod';
import { SlipwayError } from '../errors.ts';

/** A commit id, SHA-1 or SHA-256. */
export const CommitId = z.string().regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/);

/** A repository's path on its forge: `owner/name`, on GitLab with its groups. Never `.` or `..` in a part. */
export const RepositoryPath = z.string().regex(/^(?!\.{1,2}\/)[\w.-]+(?:\/(?!\.{1,2}(?:\/|$))[\w.-]+)+$/);

/** A branch's name, if the payload holds one: it only says that a look is worth it. */
export const BranchName = z.string().max(255).optional().catch(undefined);

/** Login of the person who caused an event; an event without it is still valid. */
export const Sender = z.string().optional().catch(undefined);

// Ids become parts of Redis keys and log lines, and no forge's signature covers the header they come in.
const deliveryId = /^[\w.-]{1,128}$/;

/** The id of a header. Throws BODY_INVALID if it is missing or not an id. */
export function checkDeliveryId(id: string | undefined, header: string): string {
  if (id === undefined) throw new SlipwayError('BODY_INVALID', `The request lacks the header ${header}.`);
  if (deliveryId.test(id)) return id;
  throw new SlipwayError('BODY_INVALID', `The header ${header} is not a valid id.`);
}

/** Throws BODY_INVALID, before the parse if the form alone would make it expensive. */
export function parseJson(body: Buffer): unknown {
  checkForm(body);
  try {
    return JSON.parse(body.toString());
  } catch {
    // The parser's own message quotes the body, which is never stored or logged.
    throw new SlipwayError('BODY_INVALID', 'The body is not JSON.');
  }
}

/**
 * What one event may hold. The largest that forges document, a push of 2,048 commits, has some 15,000 objects and lists,
 * 30,000 keys and 10 levels. Within these bounds 25 MB are parsed in about 200 ms; a million keys take two seconds.
 */
const most = { depth: 100, containers: 100_000, keys: 100_000, entries: 1_000_000 };

const [QUOTE = 0, BACKSLASH = 0, COLON = 0, COMMA = 0] = Buffer.from('"\\:,');
const opening: ReadonlySet<number> = new Set(Buffer.from('[{'));
const closing: ReadonlySet<number> = new Set(Buffer.from(']}'));

/** Reads each byte once: a megabyte takes a few milliseconds, where parsing nested lists takes a hundred. */
function checkForm(body: Buffer): void {
  const seen = { depth: 0, containers: 0, keys: 0, entries: 0 };
  for (let at = 0; at < body.length; at += 1) {
    const byte = body[at] ?? 0;
    if (byte === QUOTE) at = endOfText(body, at);
    else if (byte === COLON) seen.keys += 1;
    else if (byte === COMMA) seen.entries += 1;
    else if (closing.has(byte)) seen.depth -= 1;
    else if (opening.has(byte)) {
      seen.containers += 1;
      seen.depth += 1;
      if (seen.depth > most.depth) break;
    }
  }
  if (
    seen.depth > most.depth ||
    seen.containers > most.containers ||
    seen.keys > most.keys ||
    seen.entries > most.entries
  ) {
    throw new SlipwayError('BODY_INVALID', 'The body is nested more deeply or widely than any event.');
  }
}

/** The index of the quote that ends the text which begins at `from`; the end of the body if none does. */
function endOfText(body: Buffer, from: number): number {
  for (let at = from + 1; ; at += 1) {
    at = body.indexOf(QUOTE, at);
    if (at < 0) return body.length;
    let escapes = 0;
    while (body[at - 1 - escapes] === BACKSLASH) escapes += 1;
    if (escapes % 2 === 0) return at;
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

/** Forges write an absent commit (of a new or deleted branch) as zeros. */
export function isNoCommit(id: string): boolean {
  return /^0+$/.test(id);
}

/** `branch main` or `tag v1`. */
export function describeRef(ref: string): string {
  if (ref.startsWith('refs/heads/')) return `branch ${ref.slice('refs/heads/'.length)}`;
  if (ref.startsWith('refs/tags/')) return `tag ${ref.slice('refs/tags/'.length)}`;
  return ref;
}

export function deletedReason(ref: string): string {
  return `${describeRef(ref)} was deleted, which deploys and deletes nothing`;
}
