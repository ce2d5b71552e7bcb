import { SlipwayError } from '../../errors.ts';
import type { WebhookEvent } from '../../model/delivery.ts';
import type { WebhookRequest } from '../../ports/forge.ts';
import { headerOf } from '../headers.ts';
import { checkDeliveryId, deletedReason, isNoCommit, parseJson, readPayload } from '../payload.ts';
import { Envelope, PullRequest, Push, RefEvent } from './schema.ts';
import type { Verify } from './signature.ts';

/** What one kind of event adds to its envelope. */
type Reading = Pick<WebhookEvent, 'ref' | 'commit' | 'ignored' | 'merged'>;

const readers = new Map<string, (payload: unknown) => Reading>([
  ['ping', () => ({ ignored: 'the forge tried the webhook (ping): it is set up' })],
  ['push', readPush],
  ['pull_request', readPullRequest],
  ['create', readCreate],
  ['delete', readDelete],
]);

/** Verifies, then parses. Throws SIGNATURE_INVALID before it reads anything of the body, BODY_INVALID after. */
export async function readWebhook(
  forge: string,
  verify: Verify,
  request: WebhookRequest,
): Promise<WebhookEvent> {
  const signer = await verify(request.body, headerOf(request, 'x-hub-signature-256'));
  const id = checkDeliveryId(headerOf(request, 'x-github-delivery'), 'X-GitHub-Delivery');
  const name = headerOf(request, 'x-github-event');
  if (name === undefined) {
    throw new SlipwayError('BODY_INVALID', 'The request lacks the header X-GitHub-Event.');
  }
  const payload = parseJson(payloadOf(request.body, headerOf(request, 'content-type')));
  const { action, repository, sender } = readPayload(Envelope, payload, name);
  const reader = readers.get(name);
  return {
    id,
    event: action === undefined ? name : `${name}.${action}`,
    repository: repository && `${forge}/${repository.full_name}`,
    sender: sender?.login,
    signer,
    defaultBranch: repository?.default_branch,
    ...(reader ? reader(payload) : { ignored: `an event Slipway does not use: ${name}` }),
  };
}

/** Hooks of content type `application/x-www-form-urlencoded` carry the JSON in the field `payload`. */
function payloadOf(body: Buffer, contentType = ''): Buffer {
  if (!/^application\/x-www-form-urlencoded/i.test(contentType)) return body;
  const payload = new URLSearchParams(body.toString()).get('payload');
  if (payload === null) throw new SlipwayError('BODY_INVALID', 'The form lacks the field payload.');
  return Buffer.from(payload);
}

function readPush(payload: unknown): Reading {
  const { ref, after, deleted, head_commit } = readPayload(Push, payload, 'push');
  if (deleted || isNoCommit(after)) return { ref, ignored: deletedReason(ref) };
  const commit = head_commit?.id ?? after;
  if (ref.startsWith('refs/heads/gh-readonly-queue/')) {
    return { ref, commit, ignored: `${ref} is a merge queue's own branch, not yet merged` };
  }
  return { ref, commit };
}

function readPullRequest(payload: unknown): Reading {
  const { action, number, pull_request: pull } = readPayload(PullRequest, payload, 'pull_request');
  if (action !== 'closed')
    return { ignored: `pull request #${number} (${action}): only a merge is deployed` };
  if (!pull.merged) return { ignored: `pull request #${number} was closed without a merge` };
  const base = pull.base.ref;
  const mergeCommit = pull.merge_commit_sha;
  if (mergeCommit === null) return { ref: `refs/heads/${base}` };
  const merged = { number, head: pull.head.sha, mergeCommit, base };
  return { ref: `refs/heads/${base}`, commit: mergeCommit, merged };
}

function readCreate(payload: unknown): Reading {
  return { ref: fullRef(payload, 'create') };
}

function readDelete(payload: unknown): Reading {
  const ref = fullRef(payload, 'delete');
  return { ref, ignored: deletedReason(ref) };
}

function fullRef(payload: unknown, event: string): string {
  const { ref, ref_type } = readPayload(RefEvent, payload, event);
  return `refs/${ref_type === 'tag' ? 'tags' : 'heads'}/${ref}`;
}
