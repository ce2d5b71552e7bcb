import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { ProjectSecret } from '../../config/server-config.ts';
import { SlipwayError } from '../../errors.ts';
import type { WebhookRequest } from '../../ports/forge.ts';
import { headerOf } from '../headers.ts';

/**
 * The project whose secret signed the request; undefined: a secret of the forge. Throws SIGNATURE_INVALID. `now` in
 * milliseconds since the epoch.
 */
export type Verify = (request: WebhookRequest, now: number) => string | undefined;

/** A token's digest or a signing key, and the project that it speaks for; undefined: every repository of the forge. */
interface Known {
  bytes: Buffer;
  project: string | undefined;
}

const keyPrefix = 'whsec_';
// https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md, "Verifying timestamps"
const toleranceMs = 5 * 60_000;

/**
 * Checks `X-Gitlab-Token`, or the signature of GitLab 19.0 and newer for secrets that are signing keys (`whsec_…`).
 * Every configured secret is accepted, so that a secret can be changed without a gap; a signing key is never accepted as
 * a token.
 * https://docs.gitlab.com/user/project/integrations/webhooks/
 */
export function createVerify(ofForge: string[], ofProjects: ProjectSecret[] = []): Verify {
  const secrets = [...ofForge.map((secret) => ({ secret, project: undefined })), ...ofProjects];
  const isKey = ({ secret }: { secret: string }) => secret.startsWith(keyPrefix);
  const keys = secrets.filter(isKey).map(({ secret, project }) => ({ bytes: decodeKey(secret), project }));
  const tokens = secrets
    .filter((one) => !isKey(one))
    .map(({ secret, project }) => ({ bytes: digest(secret), project }));
  return (request, now) => {
    const token = tokenOf(request, tokens);
    if (token) return token.project;
    if (keys.length > 0) return keyOf(request, keys, now).project;
    throw new SlipwayError('SIGNATURE_INVALID', 'The header X-Gitlab-Token is not the secret.');
  };
}

function decodeKey(secret: string): Buffer {
  const key = Buffer.from(secret.slice(keyPrefix.length), 'base64');
  if (key.length > 0) return key;
  throw new SlipwayError('CONFIG_INVALID', 'A webhook secret starts with whsec_ but is not a base64 key.');
}

function tokenOf(request: WebhookRequest, tokens: Known[]): Known | undefined {
  const given = headerOf(request, 'x-gitlab-token');
  if (given === undefined) return undefined;
  const hashed = digest(given);
  return tokens.find(({ bytes }) => timingSafeEqual(bytes, hashed));
}

/** Of equal length for any token, so that the comparison reveals nothing about it. */
function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/** The key that signed the request. Throws SIGNATURE_INVALID. */
function keyOf(request: WebhookRequest, keys: Known[], now: number): Known {
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
  const key = keys.find(({ bytes: secret }) => {
    const expected = createHmac('sha256', secret).update(`${id}.${timestamp}.`).update(request.body).digest();
    return given.some((bytes) => bytes.length === expected.length && timingSafeEqual(bytes, expected));
  });
  if (key) return key;
  throw new SlipwayError('SIGNATURE_INVALID', 'The signature does not match the body.');
}
