import { Webhooks } from '@octokit/webhooks';
import { SlipwayError } from '../../errors.ts';

/** Answers the body as text once its signature is found right; throws SIGNATURE_INVALID. */
export type Verify = (body: Buffer, signature: string | undefined) => Promise<string>;

/**
 * Checks `X-Hub-Signature-256`: HMAC-SHA-256 over the body as received, compared in constant time. Any of the
 * secrets will do, so that a secret can be changed without a gap.
 * https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
 */
export function createVerify(secrets: string[]): Verify {
  const verifiers = secrets.map((secret) => new Webhooks({ secret }));
  return async (body, signature) => {
    if (!signature) {
      throw new SlipwayError('SIGNATURE_INVALID', 'The request lacks the header X-Hub-Signature-256.');
    }
    // Text that is not UTF-8 does not survive the way there and back, so its signature is refused too.
    const text = body.toString('utf8');
    if (text !== '') {
      for (const verifier of verifiers) {
        if (await verifier.verify(text, signature)) return text;
      }
    }
    throw new SlipwayError('SIGNATURE_INVALID', 'The signature in X-Hub-Signature-256 is not of this body.');
  };
}
