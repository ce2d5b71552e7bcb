import type { Readable } from 'node:stream';
import { SlipwayError } from '../errors.ts';
import type { BodyLease } from './body-budget.ts';

/** GitHub sends at most 25 MB: https://docs.github.com/en/webhooks/webhook-events-and-payloads#payload-cap */
export const LARGEST_BODY = 25 * 1024 * 1024;

/** Throws BODY_TOO_LARGE for a length, declared or received, above the largest body. */
export function checkLength(bytes: number): void {
  if (bytes <= LARGEST_BODY) return;
  throw new SlipwayError('BODY_TOO_LARGE', 'the body is larger than 25 MB');
}

/** The bytes as received. Throws BODY_TOO_LARGE, OVERLOADED; what still comes then is read and dropped. */
export function readBody(stream: Readable, lease: BodyLease): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const leave = () => {
      stream.off('data', take).off('end', end).off('error', cut).off('close', cut);
    };
    const fail = (error: unknown) => {
      leave();
      // A client can read the response only if its connection is not cut while it sends.
      stream.on('error', () => {}).resume();
      reject(error);
    };
    // Whatever the connection says of it: the client has hung up, and nothing of ours is at fault.
    const cut = () => fail(new SlipwayError('BODY_INVALID', 'the client hung up before the body had ended'));
    const end = () => {
      leave();
      resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, size));
    };
    const take = (chunk: Buffer) => {
      size += chunk.length;
      try {
        checkLength(size);
        lease.hold(size);
        chunks.push(chunk);
      } catch (error) {
        fail(error);
      }
    };
    stream.on('data', take).on('end', end).on('error', cut).on('close', cut);
  });
}
