import { randomUUID } from 'node:crypto';
import type { Delivery } from '../protocol.ts';
import type { FaceState, Hook, Repository } from '../state.ts';
import { githubSignature, gitlabSignature } from './signature.ts';

/** https://docs.github.com/en/webhooks/webhook-events-and-payloads#delivery-headers */
export const githubHeaders = (
  hook: Hook,
  repository: Repository,
  delivery: Delivery,
  body: string,
): Record<string, string> => {
  const signatures =
    hook.secret === undefined
      ? {}
      : {
          'x-hub-signature': githubSignature('sha1', hook.secret, body),
          'x-hub-signature-256': githubSignature('sha256', hook.secret, body),
        };
  return {
    'user-agent': 'GitHub-Hookshot/forge',
    accept: '*/*',
    'content-type': hook.contentType === 'form' ? 'application/x-www-form-urlencoded' : 'application/json',
    'x-github-event': delivery.event,
    'x-github-delivery': delivery.guid,
    'x-github-hook-id': String(hook.id),
    'x-github-hook-installation-target-type': 'repository',
    'x-github-hook-installation-target-id': String(repository.id),
    ...signatures,
  };
};

const GITLAB_EVENTS: Record<string, string> = {
  push: 'Push Hook',
  tag_push: 'Tag Push Hook',
  merge_request: 'Merge Request Hook',
};

/**
 * https://docs.gitlab.com/user/project/integrations/webhooks/#delivery-headers: the Idempotency-Key stays the same
 * over the attempts of one delivery, X-Gitlab-Webhook-UUID is new in each.
 */
export const gitlabHeaders = (
  hook: Hook,
  face: FaceState,
  delivery: Delivery,
  body: string,
): Record<string, string> => {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const signed =
    hook.signingKey === undefined
      ? {}
      : {
          'webhook-id': delivery.guid,
          'webhook-timestamp': timestamp,
          'webhook-signature': gitlabSignature(hook.signingKey, delivery.guid, timestamp, body),
        };
  return {
    'user-agent': 'GitLab/19.0.0',
    'content-type': 'application/json',
    'x-gitlab-event': GITLAB_EVENTS[delivery.event] ?? delivery.event,
    'x-gitlab-instance': face.url,
    'x-gitlab-webhook-uuid': randomUUID(),
    'x-gitlab-event-uuid': randomUUID(),
    'idempotency-key': delivery.guid,
    ...(hook.secret === undefined ? {} : { 'x-gitlab-token': hook.secret }),
    ...signed,
  };
};
