import { cutText } from '../../model/cut-text.ts';
import { type CommitStatus, MAX_DESCRIPTION } from '../../ports/forge.ts';
import type { GithubClient } from './client.ts';

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
