import { isoTime } from '../clock.ts';
import type { Context } from '../context.ts';
import type { CommitRecord } from '../git/history.ts';
import { ZERO_SHA } from '../git/run.ts';
import { type Outgoing, outgoing } from '../hooks/sender.ts';
import type { PushFacts } from '../push-facts.ts';
import type { Hook, PullRecord, Repository } from '../state.ts';
import { pullView } from './views/pull.ts';
import { repositoryView } from './views/repository.ts';
import { DEVELOPER_LOGIN, userView } from './views/user.ts';

/** https://docs.github.com/en/webhooks/webhook-events-and-payloads#push */
const MOST_COMMITS = 2048;

const common = (context: Context, repository: Repository) => ({
  repository: repositoryView(context.face.url, repository),
  sender: userView(context.face.url, DEVELOPER_LOGIN),
});

const commitView = (context: Context, repository: Repository, commit: CommitRecord) => ({
  id: commit.sha,
  tree_id: commit.tree,
  distinct: true,
  message: commit.message,
  timestamp: commit.committer.date,
  url: `${context.face.url}/${repository.fullName}/commit/${commit.sha}`,
  author: { name: commit.author.name, email: commit.author.email, username: DEVELOPER_LOGIN },
  committer: { name: commit.committer.name, email: commit.committer.email, username: DEVELOPER_LOGIN },
  added: commit.added,
  removed: commit.removed,
  modified: commit.modified,
});

const compareUrl = (context: Context, repository: Repository, facts: PushFacts): string => {
  const range = `${facts.before.slice(0, 12)}...${facts.after.slice(0, 12)}`;
  return `${context.face.url}/${repository.fullName}/compare/${range}`;
};

const pushEvent = (context: Context, repository: Repository, facts: PushFacts): Outgoing => {
  const commits = facts.commits.slice(-MOST_COMMITS).map((commit) => commitView(context, repository, commit));
  return outgoing(
    'push',
    {
      ref: facts.ref,
      before: facts.before,
      after: facts.after,
      created: facts.before === ZERO_SHA,
      deleted: facts.after === ZERO_SHA,
      forced: facts.forced,
      base_ref: null,
      compare: compareUrl(context, repository, facts),
      commits,
      head_commit: facts.head === null ? null : commitView(context, repository, facts.head),
      pusher: { name: DEVELOPER_LOGIN, email: 'dana@example.com' },
      ...common(context, repository),
    },
    { ref: facts.ref },
  );
};

const createEvent = (context: Context, repository: Repository, facts: PushFacts): Outgoing =>
  outgoing(
    'create',
    {
      ref: facts.name,
      ref_type: facts.kind,
      master_branch: repository.defaultBranch,
      description: null,
      pusher_type: 'user',
      ...common(context, repository),
    },
    { ref: facts.ref },
  );

const deleteEvent = (context: Context, repository: Repository, facts: PushFacts): Outgoing =>
  outgoing(
    'delete',
    { ref: facts.name, ref_type: facts.kind, pusher_type: 'user', ...common(context, repository) },
    { ref: facts.ref },
  );

/** The events that GitHub sends for a push; none for tags if more than three are pushed at once. */
export const githubPushEvents = (
  context: Context,
  repository: Repository,
  pushed: readonly PushFacts[],
): Outgoing[] => {
  const tags = pushed.filter((facts) => facts.kind === 'tag').length;
  return pushed
    .filter((facts) => facts.kind === 'branch' || tags <= 3)
    .flatMap((facts) => {
      const push = pushEvent(context, repository, facts);
      if (facts.before === ZERO_SHA) return [createEvent(context, repository, facts), push];
      if (facts.after === ZERO_SHA) return [deleteEvent(context, repository, facts), push];
      return [push];
    });
};

/** `opened`, `synchronize` (with what the head was) or `closed`. */
export const githubPullEvent = (
  context: Context,
  repository: Repository,
  pull: PullRecord,
  action: 'opened' | 'synchronize' | 'closed',
  before?: string,
): Outgoing =>
  outgoing(
    'pull_request',
    {
      action,
      number: pull.number,
      ...(before === undefined ? {} : { before, after: pull.headSha }),
      pull_request: pullView(context.face.url, repository, pull),
      ...common(context, repository),
    },
    { action, ref: `refs/heads/${pull.base}` },
  );

/** The event that GitHub sends to a hook when it is created. */
export const pingEvent = (context: Context, repository: Repository, hook: Hook): Outgoing => {
  const url = `${context.face.url}/api/v3/repos/${repository.fullName}/hooks/${hook.id}`;
  return outgoing('ping', {
    zen: 'Keep it logically awesome.',
    hook_id: hook.id,
    hook: {
      type: 'Repository',
      id: hook.id,
      name: 'web',
      active: true,
      events: hook.events ?? ['*'],
      config: { content_type: hook.contentType ?? 'json', insecure_ssl: '0', url: hook.url },
      updated_at: isoTime(hook.createdAt),
      created_at: isoTime(hook.createdAt),
      url,
      test_url: `${url}/test`,
      ping_url: `${url}/pings`,
      deliveries_url: `${url}/deliveries`,
      last_response: { code: null, status: 'unused', message: null },
    },
    ...common(context, repository),
  });
};
