import { createHmac, timingSafeEqual } from 'node:crypto';
import { SlipwayError } from '../../errors.ts';

/** Throws SIGNATURE_INVALID. */
export type Verify = (body: Buffer, signature: string | undefined) => void;

const prefix = 'sha256=';

/**
 * Checks `X-Hub-Signature-256`: HMAC-SHA-256 over the bytes as received, compared in constant time. Nothing is decoded
 * before: 25 MB with a wrong signature cost one hash. Every configured secret is accepted, so that a secret can be changed
 * without a gap. https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
 */
export function createVerify(secrets: string[]): Verify {
  return (body, signature) => {
    if (!signature) {
      throw new SlipwayError('SIGNATURE_INVALID', 'The request lacks the header X-Hub-Signature-256.');
    }
    const given = signature.startsWith(prefix)
      ? Buffer.from(signature.slice(prefix.length), 'hex')
      : undefined;
    if (given && secrets.some((secret) => isOf(secret, body, given))) return;
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
