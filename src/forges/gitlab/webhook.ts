import { createHash } from 'node:crypto';
import { SlipwayError } from '../../errors.ts';
import type { WebhookEvent } from '../../model/delivery.ts';
import type { WebhookRequest } from '../../ports/forge.ts';
import { headerOf } from '../headers.ts';
import { checkDeliveryId, deletedReason, isNoCommit, parseJson, readPayload } from '../payload.ts';
import { Envelope, MergeRequest, Push, TagPush } from './schema.ts';
import type { Verify } from './signature.ts';

/** What one kind of event adds to its envelope. */
type Reading = Pick<WebhookEvent, 'ref' | 'commit' | 'ignored' | 'merged'>;

const readers = new Map<string, (payload: unknown) => Reading>([
  ['Push Hook', (payload) => readPush(readPayload(Push, payload, 'Push Hook'))],
  ['Tag Push Hook', (payload) => readPush(readPayload(TagPush, payload, 'Tag Push Hook'))],
  ['Merge Request Hook', readMergeRequest],
  ['System Hook', () => ({ ignored: 'system hooks are not used; add the webhook to a project or a group' })],
]);

/** Verifies, then parses. Throws SIGNATURE_INVALID before it reads anything of the body, BODY_INVALID after. */
export function readWebhook(
  forge: string,
  verify: Verify,
  request: WebhookRequest,
  now: number,
): WebhookEvent {
  const signer = verify(request, now);
  const event = headerOf(request, 'x-gitlab-event');
  if (event === undefined) {
    throw new SlipwayError('BODY_INVALID', 'The request lacks the header X-Gitlab-Event.');
  }
  const payload = parseJson(request.body);
  const { project, user, user_username } = readPayload(Envelope, payload, event);
  const reader = readers.get(event);
  return {
    id: deliveryId(request),
    event,
    repository: project && `${forge}/${project.path_with_namespace}`,
    sender: user_username ?? user?.username,
    signer,
    defaultBranch: project?.default_branch,
    ...(reader ? reader(payload) : { ignored: `an event Slipway does not use: ${event}` }),
  };
}

/**
 * `Idempotency-Key` stays the same when a delivery is repeated. GitLab before 17.4 sends none: its
 * `X-Gitlab-Webhook-UUID` is new for each attempt, so that a repeat is enqueued again, which is harmless. A hash of the
 * body is the last resort: two pushes that move a branch back and forth have equal bodies.
 */
function deliveryId(request: WebhookRequest): string {
  for (const header of ['idempotency-key', 'x-gitlab-webhook-uuid']) {
    const id = headerOf(request, header);
    if (id !== undefined) return checkDeliveryId(id, header);
  }
  return `body-${createHash('sha256').update(request.body).digest('hex').slice(0, 32)}`;
}

function readPush(payload: {
  ref: string;
  after: string;
  checkout_sha?: string | null | undefined;
}): Reading {
  const { ref, after, checkout_sha } = payload;
  if (isNoCommit(after)) return { ref, ignored: deletedReason(ref) };
  return { ref, commit: checkout_sha ?? after };
}

function readMergeRequest(payload: unknown): Reading {
  const { object_attributes: merge } = readPayload(MergeRequest, payload, 'Merge Request Hook');
  const base = merge.target_branch;
  if (merge.action !== 'merge') {
    return {
      ignored: `merge request !${merge.iid} (${merge.action ?? 'no action'}): only a merge is deployed`,
    };
  }
  const head = merge.last_commit.id;
  // A fast-forward merge makes no commit of its own: the branch now ends at the squashed or the last commit.
  const mergeCommit = merge.merge_commit_sha ?? merge.squash_commit_sha ?? head;
  return {
    ref: `refs/heads/${base}`,
    commit: mergeCommit,
    merged: { number: merge.iid, head, mergeCommit, base },
  };
}
