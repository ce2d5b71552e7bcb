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
import { GitlabRefusal } from './client.ts';

const rights = 'scope api, role Developer, and the right to push or merge if the branch is protected';

/** Converts what a call threw into an error without the request. `ownTime` in milliseconds since the epoch. */
export function toForgeError(error: unknown, task: Task, ownTime: number): SlipwayError {
  if (error instanceof SlipwayError) return error;
  if (!(error instanceof GitlabRefusal)) return unreachable(task, networkReason(error));
  const { response } = error;
  const now = respondedAt(response.headers, ownTime);
  // https://docs.gitlab.com/administration/settings/user_and_ip_rate_limits/#response-headers
  const wait =
    retryAfterMs(response.headers['retry-after'], now) ??
    untilReset(response.headers['ratelimit-reset'], now);
  if (response.status === 429) return unreachable(task, `rate limit: ${response.message}`, wait ?? 60_000);
  if (response.status >= 500 || response.status === 408 || response.status === 409) {
    return unreachable(task, `${response.status} ${response.message}`, wait);
  }
  return refused(codeOf(response), task, response, hintOf(response.status, response.message));
}

function codeOf({ status, message }: BadResponse): Parameters<typeof refused>[0] {
  if (message.includes('References for commit')) return 'FORGE_INVALID';
  if (message.includes('Commit Not Found')) return 'COMMIT_MISSING';
  return isAboutAccess(status) ? 'FORGE_REFUSED' : 'FORGE_INVALID';
}

function hintOf(status: number, message: string): string {
  if (message.includes('References for commit')) {
    return 'No branch contains this commit any more (as after a squash), so GitLab accepts no status for it.';
  }
  if (message.includes('Commit Not Found'))
    return 'GitLab does not have this commit, or not yet: after a push it takes a moment.';
  if (status < 400) return 'The project or the forge has moved: use its new address in server.yaml.';
  if (status === 401)
    return 'Check the token of this forge in server.yaml: it is missing, wrong or has expired.';
  if (status === 403 || status === 404) return `Give the token of this forge these rights: ${rights}.`;
  return 'See the response of GitLab.';
}
