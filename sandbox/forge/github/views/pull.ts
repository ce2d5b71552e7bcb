import { isoTime } from '../../clock.ts';
import type { PullRecord, Repository } from '../../state.ts';
import { apiUrl, fullRepositoryView, repositoryView } from './repository.ts';
import { DEVELOPER_LOGIN, nodeId, userView } from './user.ts';

const timeOrNull = (at: number | null): string | null => (at === null ? null : isoTime(at));

const addresses = (url: string, repository: Repository, pull: PullRecord) => {
  const api = `${apiUrl(url, repository)}/pulls/${pull.number}`;
  const html = `${url}/${repository.fullName}/pull/${pull.number}`;
  const issue = `${apiUrl(url, repository)}/issues/${pull.number}`;
  return {
    url: api,
    html_url: html,
    diff_url: `${html}.diff`,
    patch_url: `${html}.patch`,
    issue_url: issue,
    commits_url: `${api}/commits`,
    review_comments_url: `${api}/comments`,
    review_comment_url: `${apiUrl(url, repository)}/pulls/comments{/number}`,
    comments_url: `${issue}/comments`,
    statuses_url: `${apiUrl(url, repository)}/statuses/${pull.headSha}`,
  };
};

const links = (to: ReturnType<typeof addresses>) => ({
  self: { href: to.url },
  html: { href: to.html_url },
  issue: { href: to.issue_url },
  comments: { href: to.comments_url },
  review_comments: { href: to.review_comments_url },
  review_comment: { href: to.review_comment_url },
  commits: { href: to.commits_url },
  statuses: { href: to.statuses_url },
});

const side = (url: string, repository: Repository, ref: string, sha: string) => ({
  label: `${repository.owner}:${ref}`,
  ref,
  sha,
  user: userView(url, repository.owner, 'Organization'),
  repo: repositoryView(url, repository),
});

/** What lists of pull requests and webhooks have in common. */
export const simplePullView = (url: string, repository: Repository, pull: PullRecord) => {
  const to = addresses(url, repository, pull);
  return {
    ...to,
    id: pull.id,
    node_id: nodeId('PR', pull.id),
    number: pull.number,
    state: pull.state === 'open' ? 'open' : 'closed',
    locked: false,
    title: pull.title,
    user: userView(url, DEVELOPER_LOGIN),
    body: pull.body,
    created_at: isoTime(pull.createdAt),
    updated_at: isoTime(pull.updatedAt),
    closed_at: timeOrNull(pull.closedAt),
    merged_at: timeOrNull(pull.mergedAt),
    merge_commit_sha: pull.mergeCommitSha,
    assignee: null,
    assignees: [],
    requested_reviewers: [],
    requested_teams: [],
    labels: [],
    milestone: null,
    head: side(url, repository, pull.head, pull.headSha),
    base: side(url, repository, pull.base, pull.baseSha),
    _links: links(to),
    author_association: 'MEMBER',
    auto_merge: null,
    active_lock_reason: null,
    draft: false,
  };
};

/** The pull request as webhooks and `GET …/pulls/{n}` return it. */
export const pullView = (url: string, repository: Repository, pull: PullRecord) => ({
  ...simplePullView(url, repository, pull),
  merged: pull.state === 'merged',
  mergeable: pull.state === 'open' ? true : null,
  rebaseable: pull.state === 'open' ? true : null,
  mergeable_state: pull.state === 'open' ? 'clean' : 'unknown',
  merged_by: pull.state === 'merged' ? userView(url, DEVELOPER_LOGIN) : null,
  comments: repository.comments.filter((comment) => comment.number === pull.number).length,
  review_comments: 0,
  maintainer_can_modify: false,
  commits: 1,
  additions: 1,
  deletions: 0,
  changed_files: 1,
});

/** As `pullView`; the description of the REST response requires the full repository on both sides. */
export const restPullView = (url: string, repository: Repository, pull: PullRecord) => {
  const view = pullView(url, repository, pull);
  const repo = fullRepositoryView(url, repository);
  return { ...view, head: { ...view.head, repo }, base: { ...view.base, repo } };
};
