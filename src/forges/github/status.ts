import { cutText } from '../../model/cut-text.ts';
import { type CommitStatus, MAX_DESCRIPTION, type PresentStatus } from '../../ports/forge.ts';
import type { GithubClient } from './client.ts';
import { responseOf } from './failure.ts';
import { CombinedStatus } from './schema.ts';

type GithubState = 'error' | 'failure' | 'pending' | 'success';

/** https://docs.github.com/en/rest/commits/statuses#create-a-commit-status. Throws FORGE_*, COMMIT_MISSING. */
export async function postStatus(
  client: GithubClient,
  path: string,
  commit: string,
  status: CommitStatus,
  signal?: AbortSignal,
): Promise<undefined> {
  await client.call(path, `post a status on ${path}`, signal, (octokit, base) =>
    octokit.request('POST /repos/{owner}/{repo}/statuses/{sha}', {
      ...base,
      sha: commit,
      state: stateOf(status),
      context: status.context,
      description: cutText(acceptable(status.description), MAX_DESCRIPTION),
      ...(status.url === undefined ? {} : { target_url: status.url }),
    }),
  );
}

/**
 * GitHub refuses the whole status for one character that takes four bytes of UTF-8, such as an emoji
 * (https://github.com/ouzi-dev/commit-status-updater/issues/526).
 */
function acceptable(text: string): string {
  return text.replaceAll(/[\u{10000}-\u{10FFFF}]/gu, '\uFFFD');
}

/** GitHub has no state for superseded: a commit that its successor contains runs, one that a force push dropped does not. */
function stateOf(status: CommitStatus): GithubState {
  if (status.state !== 'superseded') return status.state;
  return status.inSuccessor ? 'success' : 'error';
}

const pageSize = 100;

/** https://docs.github.com/en/rest/commits/statuses#get-the-combined-status-for-a-specific-reference. Throws FORGE_*. */
export async function statusesOf(
  client: GithubClient,
  path: string,
  commit: string,
  signal?: AbortSignal,
): Promise<PresentStatus[]> {
  const found: PresentStatus[] = [];
  for (let page = 1; ; page++) {
    const what = `read the statuses of a commit of ${path}`;
    const { statuses, total_count } = await client.call(path, what, signal, async (octokit, call) => {
      const route = 'GET /repos/{owner}/{repo}/commits/{ref}/status';
      const response = octokit.request(route, { ...call, ref: commit, per_page: pageSize, page });
      return response.then(({ data }) => CombinedStatus.parse(data)).catch(noneIfMissing);
    });
    found.push(...statuses.map(({ context, state }) => ({ context, isOpen: state === 'pending' })));
    if (statuses.length < pageSize || found.length >= total_count) return found;
  }
}

function noneIfMissing(error: unknown): CombinedStatus {
  const status = responseOf(error)?.status;
  if (status === 404 || status === 422) return { statuses: [], total_count: 0 };
  throw error;
}
