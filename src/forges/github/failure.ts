import { RequestError } from '@octokit/request-error';
import { SlipwayError } from '../../errors.ts';
import type { BadResponse, Task } from '../responses.ts';
import {
  isAboutAccess,
  networkReason,
  refused,
  respondedAt,
  retryAfterMs,
  unreachable,
  untilReset,
} from '../responses.ts';

// Seen for some seconds after a push, until all of GitHub's servers have the commit.
const missingHint = 'GitHub does not have this commit, or not yet: after a push it takes a moment.';
const scopes = 'commit statuses: write, pull requests: read, contents: read';

/**
 * Converts what Octokit threw into an error without the request, whose headers carry the token. `ownTime` in
 * milliseconds since the epoch.
 */
export function toForgeError(error: unknown, task: Task, ownTime: number): SlipwayError {
  if (error instanceof SlipwayError) return error;
  const response = responseOf(error);
  if (!response) return unreachable(task, networkReason(error));
  const now = respondedAt(response.headers, ownTime);
  const wait = rateLimitWait(response, now);
  if (wait !== undefined) return unreachable(task, `rate limit: ${response.message}`, wait);
  if (response.status >= 500 || response.status === 408) {
    const reason = `${response.status} ${response.message}`;
    return unreachable(task, reason, retryAfterMs(response.headers['retry-after'], now));
  }
  if (response.status === 422 && response.message.includes('No commit found')) {
    return refused('COMMIT_MISSING', task, response, missingHint);
  }
  const code = isAboutAccess(response.status) ? 'FORGE_REFUSED' : 'FORGE_INVALID';
  return refused(code, task, response, hintOf(response.status));
}

/** Undefined if there was no response. */
export function responseOf(error: unknown): BadResponse | undefined {
  if (!(error instanceof RequestError) || !error.response) return undefined;
  return { status: error.status, message: error.message, headers: error.response.headers };
}

/**
 * Milliseconds that GitHub's rate limits ask to wait; undefined for other responses. A 403 may be either.
 * https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#handle-rate-limit-errors-appropriately
 */
function rateLimitWait(response: BadResponse, now: number): number | undefined {
  if (response.status !== 403 && response.status !== 429) return undefined;
  const asked = retryAfterMs(response.headers['retry-after'], now);
  if (asked !== undefined) return asked;
  if (Number(response.headers['x-ratelimit-remaining'] ?? 1) === 0) {
    return untilReset(response.headers['x-ratelimit-reset'], now) ?? 60_000;
  }
  return response.status === 429 || /rate limit/i.test(response.message) ? 60_000 : undefined;
}

function hintOf(status: number): string {
  if (status === 401)
    return 'Check the token or the app of this forge in server.yaml: it is missing, wrong or has expired.';
  if (status === 403 || status === 404)
    return `Give the token or the app of this forge these rights: ${scopes}.`;
  if (status === 422) return 'GitHub accepts 1,000 statuses per commit and context.';
  return 'See the response of GitHub.';
}
