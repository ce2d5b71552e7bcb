import { createHmac, timingSafeEqual } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ProjectSecret } from '../../config/server-config.ts';
import { SlipwayError } from '../../errors.ts';

/** Resolves to the project whose secret signed the body; undefined: a secret of the forge. Throws SIGNATURE_INVALID. */
export type Verify = (body: Buffer, signature: string | undefined) => Promise<string | undefined>;

const prefix = 'sha256=';

/** Hashing more takes milliseconds: between two secrets, other requests get their turn. */
const LARGE = 1024 * 1024;

/**
 * Checks `X-Hub-Signature-256`: HMAC-SHA-256 over the bytes as received, compared in constant time. Nothing is decoded
 * before: 25 MB with a wrong signature cost one hash a secret. Every configured secret is accepted, so that a secret can
 * be changed without a gap. https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
 */
export function createVerify(ofForge: string[], ofProjects: ProjectSecret[] = []): Verify {
  const secrets = [...ofForge.map((secret) => ({ secret, project: undefined })), ...ofProjects];
  return async (body, signature) => {
    if (!signature) {
      throw new SlipwayError('SIGNATURE_INVALID', 'The request lacks the header X-Hub-Signature-256.');
    }
    const given = signature.startsWith(prefix)
      ? Buffer.from(signature.slice(prefix.length), 'hex')
      : Buffer.alloc(0);
    for (const { secret, project } of secrets) {
      if (isOf(secret, body, given)) return project;
      if (body.length > LARGE) await nextTurn();
    }
    throw new SlipwayError(
      'SIGNATURE_INVALID',
      'The signature in X-Hub-Signature-256 does not match the body.',
    );
  };
}

function isOf(secret: string, body: Buffer, given: Buffer): boolean {
  const expected = createHmac('sha256', secret).update(body).digest();
  return given.length === expected.length && timingSafeEqual(given, expected);
}
