import { setTimeout as sleep } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import type { CommitStatus } from '../../ports/forge.ts';
import { cutDescription } from '../description.ts';
import { type GitlabClient, GitlabRefusal } from './client.ts';
import { toForgeError } from './failure.ts';
import { PostedStatus } from './schema.ts';

/** Pipeline that a commit's statuses are in, by `<path>@<commit>`. */
export type Pipelines = LRUCache<string, number>;

export function createPipelines(): Pipelines {
  return new LRUCache({ max: 10_000 });
}

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
 * https://docs.gitlab.com/api/commits/#set-commit-pipeline-status. Throws FORGE_*.
 * The pipeline of the first answer is named from then on: without it GitLab takes the commit's newest pipeline, and
 * one context would stand in two.
 */
export async function postStatus(
  client: GitlabClient,
  pipelines: Pipelines,
  path: string,
  commit: string,
  status: CommitStatus,
  signal?: AbortSignal,
): Promise<void> {
  const key = `${path}@${commit}`;
  for (let attempt = 1; ; attempt++) {
    const pipeline = pipelines.get(key);
    try {
      const response = await sendStatus(client, path, commit, status, pipeline, signal);
      if (response.pipeline_id) pipelines.set(key, response.pipeline_id);
      return;
    } catch (error) {
      signal?.throwIfAborted();
      if (isStanding(error, states[status.state])) return;
      const code = error instanceof GitlabRefusal ? error.response.status : undefined;
      const isPipelineGone = code === 404 && pipelines.delete(key);
      const isBusy = code === 409;
      if (attempt === attempts || !(isPipelineGone || isBusy)) {
        throw toForgeError(error, { forge: client.forge, what: `post a status on ${path}` }, Date.now());
      }
      // Others post on the same commit: GitLab lets one in at a time, and equal waits would meet again.
      if (isBusy) await sleep(100 + Math.random() * 400, undefined, signal && { signal });
    }
  }
}

async function sendStatus(
  client: GitlabClient,
  path: string,
  commit: string,
  status: CommitStatus,
  pipelineId: number | undefined,
  signal: AbortSignal | undefined,
): Promise<PostedStatus> {
  const posted = await client.commits(signal).editStatus(path, commit, states[status.state], {
    name: status.context,
    description: cutDescription(status.description),
    // A longer one is refused, and a cut one leads nowhere.
    ...(status.url !== undefined && status.url.length <= maxUrl ? { targetUrl: status.url } : {}),
    ...(pipelineId === undefined ? {} : { pipelineId }),
  });
  return PostedStatus.parse(posted);
}

/**
 * Whether a 400 says that the state stands already: GitLab refuses a state twice, also with another description. An
 * open status cannot go back from running to pending either, and is open in both.
 */
function isStanding(error: unknown, state: GitlabState): boolean {
  if (!(error instanceof GitlabRefusal) || error.response.status !== 400) return false;
  const from = /Cannot transition status via :\w+ from :(\w+)/.exec(error.response.message)?.[1];
  return from === state || (from === 'running' && state === 'pending');
}
