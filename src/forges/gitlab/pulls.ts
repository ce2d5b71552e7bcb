import { z } from 'zod';
import type { PullOfCommit } from '../../ports/forge.ts';
import type { GitlabClient } from './client.ts';
import { toForgeError } from './failure.ts';
import { MergeRequestOfCommit } from './schema.ts';

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
