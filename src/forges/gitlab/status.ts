import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { cutText } from '../../model/cut-text.ts';
import { type CommitStatus, MAX_DESCRIPTION, type PresentStatus } from '../../ports/forge.ts';
import { type GitlabClient, GitlabRefusal } from './client.ts';
import { toForgeError } from './failure.ts';
import { ListedStatus, PostedStatus } from './schema.ts';

type GitlabState = 'pending' | 'success' | 'failed' | 'canceled';

const states: Record<CommitStatus['state'], GitlabState> = {
  pending: 'pending',
  success: 'success',
  failure: 'failed',
  superseded: 'canceled',
};

const attempts = 4;
const maxUrl = 255;

/**
 * https://docs.gitlab.com/api/commits/#set-commit-pipeline-status. Throws FORGE_*, COMMIT_MISSING. The place is the
 * number of the pipeline: without it, GitLab uses the commit's newest pipeline, and one context would be in two.
 */
export async function postStatus(
  client: GitlabClient,
  path: string,
  commit: string,
  status: CommitStatus,
  signal?: AbortSignal,
): Promise<string | undefined> {
  let pipeline = status.place;
  for (let attempt = 1; ; attempt++) {
    try {
      const { pipeline_id } = await sendStatus(client, path, commit, { ...status, place: pipeline }, signal);
      return pipeline_id ? String(pipeline_id) : pipeline;
    } catch (error) {
      signal?.throwIfAborted();
      if (hasState(error, states[status.state])) return pipeline;
      const code = error instanceof GitlabRefusal ? error.response.status : undefined;
      const isPipelineGone = code === 404 && pipeline !== undefined;
      const isBusy = code === 409;
      if (attempt === attempts || !(isPipelineGone || isBusy)) {
        throw toForgeError(error, { forge: client.forge, what: `post a status on ${path}` }, Date.now());
      }
      if (isPipelineGone) pipeline = undefined;
      // Concurrent posts on one commit: GitLab accepts one at a time, and equal delays would collide again.
      if (isBusy) await sleep(100 + Math.random() * 400, undefined, signal && { signal });
    }
  }
}

async function sendStatus(
  client: GitlabClient,
  path: string,
  commit: string,
  { context, state, description, url, place }: CommitStatus,
  signal: AbortSignal | undefined,
): Promise<PostedStatus> {
  const posted = await client.commits(signal).editStatus(path, commit, states[state], {
    name: context,
    description: cutText(description, MAX_DESCRIPTION),
    // GitLab refuses a longer link, and a shortened one would lead nowhere.
    ...(url !== undefined && url.length <= maxUrl ? { targetUrl: url } : {}),
    ...(place === undefined ? {} : { pipelineId: Number(place) }),
  });
  return PostedStatus.parse(posted);
}

/**
 * Whether a 400 means that the status has this state already: GitLab refuses the same state again, also with another
 * description. Nor can a status go from running back to pending, both of which are open.
 */
function hasState(error: unknown, state: GitlabState): boolean {
  if (!(error instanceof GitlabRefusal) || error.response.status !== 400) return false;
  const from = /Cannot transition status via :\w+ from :(\w+)/.exec(error.response.message)?.[1];
  return from === state || (from === 'running' && state === 'pending');
}

/**
 * https://docs.gitlab.com/api/commits/#list-commit-statuses. GitLab lists the newest status of a name in each pipeline;
 * that of the newest pipeline is taken. Throws FORGE_*.
 */
export async function statusesOf(
  client: GitlabClient,
  path: string,
  commit: string,
  signal?: AbortSignal,
): Promise<PresentStatus[]> {
  try {
    // The client follows the pages.
    const page = { perPage: 100 };
    const response = await client.commits(signal).allStatuses(path, commit, { all: false, ...page });
    const listed = z.array(ListedStatus).parse(response);
    const newest = new Map(listed.toSorted((a, b) => a.id - b.id).map((status) => [status.name, status]));
    return [...newest.values()].map(({ name, status, pipeline_id }) => ({
      context: name,
      isOpen: open.includes(status),
      place: pipeline_id ? String(pipeline_id) : undefined,
    }));
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof GitlabRefusal && error.response.status === 404) return [];
    const what = `read the statuses of a commit of ${path}`;
    throw toForgeError(error, { forge: client.forge, what }, Date.now());
  }
}

/** Slipway posts only `pending`; a runner may have set it to the others. */
const open: readonly string[] = ['created', 'pending', 'running'];
