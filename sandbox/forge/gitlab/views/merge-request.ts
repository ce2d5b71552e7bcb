import type { PullRecord, Repository } from '../../state.ts';
import { userView } from './user.ts';

const STATES = { open: 'opened', closed: 'closed', merged: 'merged' } as const;

const timeOrNull = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());

/** https://docs.gitlab.com/api/merge_requests/#retrieve-a-merge-request */
export const mergeRequestView = (url: string, repository: Repository, pull: PullRecord) => ({
  id: pull.id,
  iid: pull.number,
  project_id: repository.id,
  title: pull.title,
  description: pull.body,
  state: STATES[pull.state],
  created_at: new Date(pull.createdAt).toISOString(),
  updated_at: new Date(pull.updatedAt).toISOString(),
  merged_at: timeOrNull(pull.mergedAt),
  merge_user: pull.state === 'merged' ? userView(url) : null,
  closed_at: pull.state === 'closed' ? timeOrNull(pull.closedAt) : null,
  target_branch: pull.base,
  source_branch: pull.head,
  source_project_id: repository.id,
  target_project_id: repository.id,
  author: userView(url),
  assignees: [],
  reviewers: [],
  labels: [],
  draft: false,
  merge_status: pull.state === 'open' ? 'can_be_merged' : 'unchecked',
  detailed_merge_status: pull.state === 'open' ? 'mergeable' : 'not_open',
  sha: pull.headSha,
  merge_commit_sha: pull.state === 'merged' ? pull.mergeCommitSha : null,
  squash_commit_sha: pull.squashCommitSha,
  squash: pull.mergeMethod === 'squash',
  user_notes_count: repository.comments.filter(({ number }) => number === pull.number).length,
  diff_refs: { base_sha: pull.baseSha, head_sha: pull.headSha, start_sha: pull.baseSha },
  web_url: `${url}/${repository.fullName}/-/merge_requests/${pull.number}`,
});
