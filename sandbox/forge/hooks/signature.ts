import { createHmac } from 'node:crypto';

/** GitHub's X-Hub-Signature-256 (and, with sha1, its elder X-Hub-Signature): hex HMAC of the raw body. */
export const githubSignature = (algorithm: 'sha1' | 'sha256', secret: string, body: string): string =>
  `${algorithm}=${createHmac(algorithm, secret).update(body).digest('hex')}`;

/**
 * GitLab's webhook-signature, from 19.0: base64 HMAC-SHA256 of `id.timestamp.body` with the decoded key
 * (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md).
 */
export const gitlabSignature = (signingKey: string, id: string, timestamp: string, body: string): string => {
  const key = Buffer.from(signingKey.replace(/^whsec_/, ''), 'base64');
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
};
