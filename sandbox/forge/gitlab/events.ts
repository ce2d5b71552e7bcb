import type { Context } from '../context.ts';
import { DEVELOPER } from '../git/commit.ts';
import type { CommitRecord } from '../git/history.ts';
import { ZERO_SHA } from '../git/run.ts';
import { type Outgoing, outgoing } from '../hooks/sender.ts';
import type { PushFacts } from '../push-facts.ts';
import type { PullRecord, Repository } from '../state.ts';
import { hookProjectView } from './views/project.ts';
import { userView } from './views/user.ts';

/** https://docs.gitlab.com/user/project/integrations/webhook_events/#push-events */
const MOST_COMMITS = 20;
/** A push that creates, changes or deletes more refs than this sends nothing (the instance's `push_event_hooks_limit`). */
const MOST_REFS = 3;

const hookRepositoryView = (url: string, repository: Repository) => {
  const project = hookProjectView(url, repository);
  return {
    name: project.name,
    url: project.git_ssh_url,
    description: project.description,
    homepage: project.homepage,
    git_http_url: project.git_http_url,
    git_ssh_url: project.git_ssh_url,
    visibility_level: project.visibility_level,
  };
};

const commitView = (url: string, repository: Repository, commit: CommitRecord) => ({
  id: commit.sha,
  message: commit.message,
  title: commit.message.split('\n')[0] ?? '',
  timestamp: commit.author.date,
  url: `${url}/${repository.fullName}/-/commit/${commit.sha}`,
  author: { name: commit.author.name, email: commit.author.email },
  added: commit.added,
  modified: commit.modified,
  removed: commit.removed,
});

const pushEvent = (context: Context, repository: Repository, facts: PushFacts): Outgoing => {
  const { url } = context.face;
  const user = userView(url);
  const kind = facts.kind === 'branch' ? 'push' : 'tag_push';
  const payload = {
    object_kind: kind,
    event_name: kind,
    before: facts.before,
    after: facts.after,
    ref: facts.ref,
    ref_protected: repository.protectedBranches.has(facts.name),
    checkout_sha: facts.after === ZERO_SHA ? null : (facts.head?.sha ?? null),
    message: null,
    user_id: user.id,
    user_name: user.name,
    user_username: user.username,
    user_email: '',
    user_avatar: user.avatar_url,
    project_id: repository.id,
    project: hookProjectView(url, repository),
    commits: facts.commits.slice(-MOST_COMMITS).map((commit) => commitView(url, repository, commit)),
    total_commits_count: facts.commits.length,
    push_options: {},
    repository: hookRepositoryView(url, repository),
  };
  return outgoing(kind, payload, { ref: facts.ref });
};

const actionOf = (facts: PushFacts): string => {
  if (facts.before === ZERO_SHA) return `${facts.kind} created`;
  return facts.after === ZERO_SHA ? `${facts.kind} removed` : `${facts.kind} pushed`;
};

/** The events that GitLab sends for a push. */
export const gitlabPushEvents = (
  context: Context,
  repository: Repository,
  pushed: readonly PushFacts[],
): Outgoing[] => {
  const alike = (facts: PushFacts): number =>
    pushed.filter((other) => actionOf(other) === actionOf(facts)).length;
  return pushed
    .filter((facts) => alike(facts) <= MOST_REFS)
    .map((facts) => pushEvent(context, repository, facts));
};

const STATES = { open: 'opened', closed: 'closed', merged: 'merged' } as const;

const attributes = (context: Context, repository: Repository, pull: PullRecord) => {
  const { url } = context.face;
  const web = `${url}/${repository.fullName}`;
  return {
    id: pull.id,
    iid: pull.number,
    title: pull.title,
    description: pull.body ?? '',
    state: STATES[pull.state],
    source_branch: pull.head,
    target_branch: pull.base,
    source_project_id: repository.id,
    target_project_id: repository.id,
    author_id: userView(url).id,
    assignee_ids: [],
    reviewer_ids: [],
    created_at: new Date(pull.createdAt).toISOString(),
    updated_at: new Date(pull.updatedAt).toISOString(),
    draft: false,
    work_in_progress: false,
    merge_status: pull.state === 'open' ? 'can_be_merged' : 'unchecked',
    detailed_merge_status: pull.state === 'open' ? 'mergeable' : 'not_open',
    merge_commit_sha: pull.state === 'merged' ? pull.mergeCommitSha : null,
    squash_commit_sha: pull.squashCommitSha,
    source: hookProjectView(url, repository),
    target: hookProjectView(url, repository),
    last_commit: {
      id: pull.headSha,
      message: pull.title,
      title: pull.title,
      timestamp: new Date(pull.updatedAt).toISOString(),
      url: `${web}/-/commit/${pull.headSha}`,
      author: DEVELOPER,
    },
    url: `${web}/-/merge_requests/${pull.number}`,
  };
};

/** https://docs.gitlab.com/user/project/integrations/webhook_events/#merge-request-events; `oldrev` says that an update is new code. */
export const gitlabMergeRequestEvent = (
  context: Context,
  repository: Repository,
  pull: PullRecord,
  action: 'open' | 'update' | 'close' | 'merge',
  oldrev?: string,
): Outgoing => {
  const { url } = context.face;
  const user = userView(url);
  const payload = {
    object_kind: 'merge_request',
    event_type: 'merge_request',
    user: {
      id: user.id,
      name: user.name,
      username: user.username,
      avatar_url: user.avatar_url,
      email: '[REDACTED]',
    },
    project: hookProjectView(url, repository),
    repository: hookRepositoryView(url, repository),
    object_attributes: {
      ...attributes(context, repository, pull),
      action,
      ...(oldrev === undefined ? {} : { oldrev }),
    },
    labels: [],
    changes: {},
  };
  return outgoing('merge_request', payload, { action, ref: `refs/heads/${pull.base}` });
};
