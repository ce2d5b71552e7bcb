import { createVerify } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { ForgeFailure } from '../failure.ts';
import type { NewApp } from '../protocol.ts';
import type { ForgeState } from '../state.ts';
import { readToken } from '../transport/access.ts';

/** An App's JWT may live this long (https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app). */
const LONGEST_S = 600;

const refuse = (why: string): ForgeFailure => new ForgeFailure(401, why);

const readPart = (part: string): Record<string, unknown> => {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>;
  } catch {
    throw refuse('A JSON web token could not be decoded');
  }
};

/** The App that signed a request's JSON web token. Throws 401, in GitHub's words, for every other token. */
export const appOf = (state: ForgeState, request: FastifyRequest): NewApp => {
  const [head = '', claims = '', signature = ''] = (readToken(request.headers) ?? '').split('.');
  if (signature === '') throw refuse('A JSON web token could not be decoded');
  const { iss, iat, exp } = readPart(claims);
  const app = state.apps.get(Number(iss));
  if (readPart(head).alg !== 'RS256' || app === undefined) throw refuse('Integration not found');
  const verified = createVerify('RSA-SHA256')
    .update(`${head}.${claims}`)
    .verify(app.publicKey, signature, 'base64url');
  if (!verified) throw refuse('A JSON web token could not be decoded');
  const seconds = Date.now() / 1000;
  if (typeof iat !== 'number' || iat > seconds + 5)
    throw refuse("'Issued at' claim ('iat') must be an Integer in the past");
  if (typeof exp !== 'number' || exp < seconds)
    throw refuse("'Expiration time' claim ('exp') is in the past");
  if (exp - seconds > LONGEST_S) throw refuse("'Expiration time' claim ('exp') is too far in the future");
  return app;
};
