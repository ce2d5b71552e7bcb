import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { SlipwayError } from '../../errors.ts';
import type { WebhookRequest } from '../../ports/forge.ts';
import { headerOf } from '../headers.ts';

/** Throws SIGNATURE_INVALID. `now` in milliseconds since the epoch. */
export type Verify = (request: WebhookRequest, now: number) => void;

const keyPrefix = 'whsec_';
// https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md, "Verifying timestamps"
const toleranceMs = 5 * 60_000;

/**
 * Checks `X-Gitlab-Token`, or the signature of GitLab 19.0 and newer for secrets that are signing keys (`whsec_…`).
 * Every configured secret is accepted, so that a secret can be changed without a gap; a signing key is never accepted as
 * a token.
 * https://docs.gitlab.com/user/project/integrations/webhooks/
 */
export function createVerify(secrets: string[]): Verify {
  const keys = secrets.filter((secret) => secret.startsWith(keyPrefix)).map(decodeKey);
  const tokens = secrets.filter((secret) => !secret.startsWith(keyPrefix)).map(digest);
  return (request, now) => {
    if (tokens.length > 0 && hasToken(request, tokens)) return;
    if (keys.length > 0) return verifySignature(request, keys, now);
    throw new SlipwayError('SIGNATURE_INVALID', 'The header X-Gitlab-Token is not the secret.');
  };
}

function decodeKey(secret: string): Buffer {
  const key = Buffer.from(secret.slice(keyPrefix.length), 'base64');
  if (key.length > 0) return key;
  throw new SlipwayError('CONFIG_INVALID', 'A webhook secret starts with whsec_ but is not a base64 key.');
}

function hasToken(request: WebhookRequest, tokens: Buffer[]): boolean {
  const given = headerOf(request, 'x-gitlab-token');
  if (given === undefined) return false;
  const hashed = digest(given);
  return tokens.some((token) => timingSafeEqual(token, hashed));
}

/** Of equal length for any token, so that the comparison reveals nothing about it. */
function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

function verifySignature(request: WebhookRequest, keys: Buffer[], now: number): void {
  const id = headerOf(request, 'webhook-id');
  const timestamp = headerOf(request, 'webhook-timestamp');
  const signatures = headerOf(request, 'webhook-signature');
  if (id === undefined || timestamp === undefined || signatures === undefined) {
    throw new SlipwayError(
      'SIGNATURE_INVALID',
      'The request is not signed, and a signing key is configured.',
    );
  }
  if (!(Math.abs(now - Number(timestamp) * 1000) <= toleranceMs)) {
    throw new SlipwayError(
      'SIGNATURE_INVALID',
      'The time of the signature differs from this clock by more than 5 minutes.',
    );
  }
  const given = signatures
    .split(' ')
    .filter((signature) => signature.startsWith('v1,'))
    .map((signature) => Buffer.from(signature.slice('v1,'.length), 'base64'));
  const matches = keys.some((key) => {
    const expected = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(request.body).digest();
    return given.some((bytes) => bytes.length === expected.length && timingSafeEqual(bytes, expected));
  });
  if (!matches) throw new SlipwayError('SIGNATURE_INVALID', 'The signature does not match the body.');
}
