import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { SlipwayError } from '../../errors.ts';

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** Compares with every token by digests of one length, so that the duration reveals nothing about the tokens. */
function isKnown(given: string, known: Buffer[]): boolean {
  const wanted = digest(given);
  return known.reduce((found, one) => timingSafeEqual(one, wanted) || found, false);
}

/** Lets in who sends one of the tokens as bearer. Without tokens in server.yaml there is no API. */
export function requireToken(app: FastifyInstance, tokens: string[]): void {
  const known = tokens.map(digest);
  app.addHook('onRequest', async (request) => {
    if (known.length === 0) {
      throw new SlipwayError('NOT_FOUND', 'the API is off', {
        hint: 'Set api.tokens in server.yaml to switch it on.',
      });
    }
    const [, token] = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
    if (token === undefined) throw new SlipwayError('UNAUTHORIZED', 'the request carries no token');
    if (!isKnown(token, known)) throw new SlipwayError('UNAUTHORIZED', 'the token is not known');
  });
}
