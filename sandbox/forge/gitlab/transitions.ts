import { ForgeFailure } from '../failure.ts';

/** The states of GitLab's commit statuses that its API can reach. */
export const STATES = ['pending', 'running', 'success', 'failed', 'canceled'] as const;
export type GitlabState = (typeof STATES)[number];

type Event = 'enqueue' | 'run' | 'success' | 'drop' | 'cancel';

const FROM: Record<Event, readonly string[]> = {
  enqueue: ['created'],
  run: ['pending'],
  success: ['created', 'pending', 'running'],
  drop: ['created', 'pending', 'running'],
  cancel: ['created', 'pending', 'running'],
};

const EVENTS: Record<GitlabState, Event> = {
  pending: 'enqueue',
  running: 'run',
  success: 'success',
  failed: 'drop',
  canceled: 'cancel',
};

/**
 * GitLab changes a status by events of a state machine, and refuses an event that is not allowed with a 400. A status
 * that is to run is queued first, without an event. (https://docs.gitlab.com/api/commits/#set-commit-pipeline-status)
 */
export const checkTransition = (from: string, to: GitlabState): void => {
  const event = EVENTS[to];
  const start = to === 'running' && from === 'created' ? 'pending' : from;
  if (FROM[event].includes(start)) return;
  const reason = `Reason(s): Status cannot transition via "${event}"`;
  throw new ForgeFailure(400, `Cannot transition status via :${event} from :${from} (${reason})`);
};
