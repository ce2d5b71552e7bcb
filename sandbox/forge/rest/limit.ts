import type { FastifyInstance } from 'fastify';
import { now } from '../clock.ts';
import { takeContent, takeRateLimit } from '../faults.ts';
import type { Faults } from '../protocol.ts';
import { repositoryOf } from '../requests.ts';
import type { FaceState, Repository } from '../state.ts';

const HOURLY = 5_000;

type RateLimit = NonNullable<Faults['rateLimit']>;

interface Window {
  used: number;
  resetsAt: number;
}

const inSeconds = (seconds: number): number => Math.ceil(Date.now() / 1000) + seconds;

const githubLimit = (face: FaceState, repository: Repository | null): RateLimit | null => {
  const asked = takeRateLimit(face, repository);
  if (asked !== null) return asked;
  const seconds = takeContent(face, repository, now());
  return seconds === null ? null : { times: 1, retryAfter: seconds };
};

/**
 * GitHub's rate-limit headers on every response, and the refusals that the `rateLimit` fault asks for
 * (https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api).
 */
export const limitGithub = (app: FastifyInstance, face: FaceState): void => {
  const window: Window = { used: 0, resetsAt: inSeconds(3600) };
  app.addHook('onRequest', async (_request, reply) => {
    if (window.resetsAt <= inSeconds(0)) Object.assign(window, { used: 0, resetsAt: inSeconds(3600) });
    window.used += 1;
    reply.headers({
      'x-ratelimit-limit': HOURLY,
      'x-ratelimit-remaining': Math.max(0, HOURLY - window.used),
      'x-ratelimit-used': window.used,
      'x-ratelimit-reset': window.resetsAt,
      'x-ratelimit-resource': 'core',
    });
  });
  // The body is read first, so that the log of requests has it.
  app.addHook('preHandler', async (request, reply) => {
    if (request.method === 'GET') return;
    const limit = githubLimit(face, repositoryOf(face, request.url));
    if (limit === null) return;
    const seconds = limit.retryAfter ?? 60;
    if (limit.primary === true) {
      reply.headers({ 'x-ratelimit-remaining': 0, 'x-ratelimit-reset': inSeconds(seconds) });
      return reply.code(limit.status ?? 403).send({ message: 'API rate limit exceeded for installation.' });
    }
    reply.header('retry-after', seconds);
    const message =
      'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.';
    return reply.code(limit.status ?? 403).send({ message });
  });
};

/** GitLab's refusal (https://docs.gitlab.com/security/rate_limits/): 429 with Retry-After and RateLimit headers. */
export const limitGitlab = (app: FastifyInstance, face: FaceState): void => {
  app.addHook('preHandler', async (request, reply) => {
    if (request.method === 'GET') return;
    const limit = takeRateLimit(face, repositoryOf(face, request.url));
    if (limit === null) return;
    const seconds = limit.retryAfter ?? 60;
    reply.headers({
      'retry-after': seconds,
      'ratelimit-remaining': 0,
      'ratelimit-reset': inSeconds(seconds),
    });
    return reply.code(429).type('text/plain').send('Retry later\n');
  });
};
