import type { Context } from './context.ts';
import { githubPullEvent, githubPushEvents } from './github/events.ts';
import { gitlabMergeRequestEvent, gitlabPushEvents } from './gitlab/events.ts';
import type { Outgoing } from './hooks/sender.ts';
import type { PushFacts } from './push-facts.ts';
import type { PullRecord, Repository } from './state.ts';

export type PullAction = 'opened' | 'updated' | 'closed' | 'merged';

/** The events that the face sends for a push. */
export const pushEvents = (
  context: Context,
  repository: Repository,
  pushed: readonly PushFacts[],
): Outgoing[] =>
  repository.face === 'github'
    ? githubPushEvents(context, repository, pushed)
    : gitlabPushEvents(context, repository, pushed);

const GITHUB_ACTIONS = {
  opened: 'opened',
  updated: 'synchronize',
  closed: 'closed',
  merged: 'closed',
} as const;
const GITLAB_ACTIONS = { opened: 'open', updated: 'update', closed: 'close', merged: 'merge' } as const;

/** The events that the face sends for a change of a pull request; `before` is the head that `updated` replaced. */
export const pullEvent = (
  context: Context,
  repository: Repository,
  pull: PullRecord,
  action: PullAction,
  before?: string,
): Outgoing =>
  repository.face === 'github'
    ? githubPullEvent(context, repository, pull, GITHUB_ACTIONS[action], before)
    : gitlabMergeRequestEvent(context, repository, pull, GITLAB_ACTIONS[action], before);
