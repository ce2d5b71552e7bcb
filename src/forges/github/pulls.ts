import { z } from 'zod';
import type { PullOfCommit as NeutralPull } from '../../ports/forge.ts';
import type { GithubClient } from './client.ts';
import { responseOf } from './failure.ts';
import { MergedPull, PullOfCommit } from './schema.ts';

const pageSize = 100;

/**
 * https://docs.github.com/en/rest/commits/commits#list-pull-requests-associated-with-a-commit
 * GitHub also lists open pull requests and those into other branches. Older GitHub Enterprise lists only open ones for
 * branches other than the default, so the result may be empty there. Throws FORGE_*.
 */
export async function pullsOf(
  client: GithubClient,
  path: string,
  commit: string,
  base: string,
  signal?: AbortSignal,
): Promise<NeutralPull[]> {
  const found: NeutralPull[] = [];
  for (let page = 1; ; page++) {
    const pulls = await client.call(
      path,
      `list the pull requests of a commit of ${path}`,
      signal,
      async (octokit, call) => {
        const { data } = await octokit.request('GET /repos/{owner}/{repo}/commits/{commit_sha}/pulls', {
          ...call,
          commit_sha: commit,
          per_page: pageSize,
          page,
        });
        return z.array(PullOfCommit).parse(data);
      },
    );
    const merged = pulls.filter((pull) => pull.merged_at !== null && pull.base.ref === base);
    found.push(...merged.map((pull) => ({ number: pull.number, head: pull.head.sha })));
    if (pulls.length < pageSize) return found;
  }
}

/**
 * https://docs.github.com/en/rest/pulls/pulls#get-a-pull-request. The number comes from a payload, so that GitHub may
 * have no such pull request. Throws FORGE_*.
 */
export async function pullThatMade(
  client: GithubClient,
  path: string,
  commit: string,
  number: number,
  signal?: AbortSignal,
): Promise<NeutralPull | undefined> {
  const what = `read pull request #${number} of ${path}`;
  const found = await client.call(path, what, signal, async (octokit, call) => {
    const route = 'GET /repos/{owner}/{repo}/pulls/{pull_number}';
    const response = octokit.request(route, { ...call, pull_number: number });
    return response.then(({ data }) => MergedPull.parse(data)).catch(undefinedIfMissing);
  });
  return found?.merged && found.merge_commit_sha === commit ? { number, head: found.head.sha } : undefined;
}

function undefinedIfMissing(error: unknown): undefined {
  if (responseOf(error)?.status === 404) return undefined;
  throw error;
}
