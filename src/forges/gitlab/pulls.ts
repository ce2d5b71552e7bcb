import { z } from 'zod';
import type { PullOfCommit } from '../../ports/forge.ts';
import { type GitlabClient, GitlabRefusal } from './client.ts';
import { toForgeError } from './failure.ts';
import { MergedRequest, MergeRequestOfCommit } from './schema.ts';

/** https://docs.gitlab.com/api/commits/#list-merge-requests-associated-with-a-commit. Throws FORGE_*. */
export async function pullsOf(
  client: GitlabClient,
  path: string,
  commit: string,
  base: string,
  signal?: AbortSignal,
): Promise<PullOfCommit[]> {
  try {
    const response = await client.commits(signal).allMergeRequests(path, commit, { perPage: 100 });
    return z
      .array(MergeRequestOfCommit)
      .parse(response)
      .filter((merge) => merge.state === 'merged' && merge.target_branch === base)
      .flatMap((merge) => (merge.sha === null ? [] : [{ number: merge.iid, head: merge.sha }]));
  } catch (error) {
    signal?.throwIfAborted();
    const what = `list the merge requests of a commit of ${path}`;
    throw toForgeError(error, { forge: client.forge, what }, Date.now());
  }
}

/**
 * https://docs.gitlab.com/api/merge_requests/#retrieve-a-merge-request. The number comes from a payload, so that GitLab
 * may have no such merge request. A fast-forward merge makes no commit of its own. Throws FORGE_*.
 */
export async function pullThatMade(
  client: GitlabClient,
  path: string,
  commit: string,
  number: number,
  signal?: AbortSignal,
): Promise<PullOfCommit | undefined> {
  try {
    const merge = MergedRequest.parse(await client.mergeRequests(signal).show(path, number));
    const made = merge.merge_commit_sha ?? merge.squash_commit_sha ?? merge.sha;
    return merge.state === 'merged' && made === commit ? { number, head: merge.sha ?? commit } : undefined;
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof GitlabRefusal && error.response.status === 404) return undefined;
    const what = `read merge request !${number} of ${path}`;
    throw toForgeError(error, { forge: client.forge, what }, Date.now());
  }
}
