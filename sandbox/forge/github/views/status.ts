import { isoTime } from '../../clock.ts';
import type { Repository, StatusRecord } from '../../state.ts';
import { apiUrl, repositoryView } from './repository.ts';
import { DEVELOPER_LOGIN, nodeId, userView } from './user.ts';

const simple = (url: string, repository: Repository, status: StatusRecord) => ({
  url: `${apiUrl(url, repository)}/statuses/${status.sha}`,
  avatar_url: `${url}/avatars/${DEVELOPER_LOGIN}`,
  id: status.id,
  node_id: nodeId('SC', status.id),
  state: status.state,
  description: status.description,
  target_url: status.targetUrl,
  context: status.context,
  created_at: isoTime(status.at),
  updated_at: isoTime(status.updatedAt),
});

export const statusView = (url: string, repository: Repository, status: StatusRecord) => ({
  ...simple(url, repository, status),
  creator: userView(url, DEVELOPER_LOGIN),
});

const combined = (states: readonly string[]): string => {
  if (states.some((state) => state === 'error' || state === 'failure')) return 'failure';
  return states.length === 0 || states.includes('pending') ? 'pending' : 'success';
};

/** The last status of each context, and the combined state. */
export const combinedStatusView = (url: string, repository: Repository, sha: string) => {
  const last = new Map<string, StatusRecord>();
  for (const status of repository.statuses) if (status.sha === sha) last.set(status.context, status);
  const statuses = [...last.values()];
  const commit = `${apiUrl(url, repository)}/commits/${sha}`;
  return {
    state: combined(statuses.map(({ state }) => state)),
    statuses: statuses.map((status) => simple(url, repository, status)),
    sha,
    total_count: statuses.length,
    repository: repositoryView(url, repository),
    commit_url: commit,
    url: `${commit}/status`,
  };
};
