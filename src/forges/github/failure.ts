import { RequestError } from '@octokit/request-error';
import { SlipwayError } from '../../errors.ts';
import type { BadAnswer, Task } from '../answers.ts';
import { networkReason, refused, retryAfterMs, unreachable, untilReset } from '../answers.ts';

const scopes = 'commit statuses: write, pull requests: read, contents: read';

/**
 * What Octokit threw as an error without its request, whose headers carry the token. `now` in milliseconds since
 * the epoch.
 */
export function toForgeError(error: unknown, task: Task, now: number): SlipwayError {
  if (error instanceof SlipwayError) return error;
  const answer = answerOf(error);
  if (!answer) return unreachable(task, networkReason(error));
  const wait = rateLimitWait(answer, now);
  if (wait !== undefined) return unreachable(task, `rate limit: ${answer.message}`, wait);
  if (answer.status >= 500 || answer.status === 408) {
    const reason = `${answer.status} ${answer.message}`;
    return unreachable(task, reason, retryAfterMs(answer.headers['retry-after'], now));
  }
  return refused(task, answer, hintOf(answer.status));
}

/** Undefined where no answer came at all. */
export function answerOf(error: unknown): BadAnswer | undefined {
  if (!(error instanceof RequestError) || !error.response) return undefined;
  return { status: error.status, message: error.message, headers: error.response.headers };
}

/**
 * How long GitHub's rate limits ask to wait; undefined where the answer is about something else. A 403 may be both.
 * https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#handle-rate-limit-errors-appropriately
 */
function rateLimitWait(answer: BadAnswer, now: number): number | undefined {
  if (answer.status !== 403 && answer.status !== 429) return undefined;
  const asked = retryAfterMs(answer.headers['retry-after'], now);
  if (asked !== undefined) return asked;
  if (Number(answer.headers['x-ratelimit-remaining'] ?? 1) === 0) {
    return untilReset(answer.headers['x-ratelimit-reset'], now) ?? 60_000;
  }
  return answer.status === 429 || /rate limit/i.test(answer.message) ? 60_000 : undefined;
}

function hintOf(status: number): string {
  if (status === 401)
    return 'Check the token or the app of this forge in server.yaml: it is missing, wrong or has expired.';
  if (status === 403 || status === 404)
    return `Give the token or the app of this forge these rights: ${scopes}.`;
  if (status === 422)
    return 'GitHub takes 1,000 statuses of a commit and context, and none for an unknown commit.';
  return 'See what GitHub answers.';
}
