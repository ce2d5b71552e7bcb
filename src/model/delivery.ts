import type { RepositoryId, TargetId } from './target.ts';

/** What a forge's webhook says, in neutral words. A hint only: the head is always asked from Git. */
export interface WebhookEvent {
  /** The forge's own id, the same when the delivery is repeated. */
  id: string;
  /** The forge's word for the event: `push`, `pull_request.closed`, `Merge Request Hook`. */
  event: string;
  repository?: RepositoryId | undefined;
  /** The branch or tag that may have moved, as a full ref: `refs/heads/main`. */
  ref?: string | undefined;
  /** The head that the payload claims. Only ever answered (`superseded`), never deployed. */
  commit?: string | undefined;
  sender?: string | undefined;
  /** The default branch that the payload names; a hint, as all of it. */
  defaultBranch?: string | undefined;
  /** Set: the event rings no bell, and this is why. */
  ignored?: string | undefined;
  /** A merged pull request, so that its head commit hears the answer too. */
  merged?: MergedPull | undefined;
}

export interface MergedPull {
  number: number;
  /** Head commit of the pull request's own branch. */
  head: string;
  /** Commit that the merge made on the base branch. */
  mergeCommit: string;
  base: string;
}

export type DeliveryState = 'waiting' | 'done' | 'ignored' | 'failed';

/** One webhook request, or one finding of the poll, with what came of it. */
export interface Delivery {
  /** `<forge>:<the forge's id>`; `<forge>:poll-…` for findings of the poll. */
  id: string;
  kind: 'webhook' | 'poll';
  forge: string;
  event: string;
  repository?: RepositoryId | undefined;
  ref?: string | undefined;
  /** The head that the payload claimed, so that a skipped commit hears what took its place. */
  commit?: string | undefined;
  sender?: string | undefined;
  /** The default branch that the payload named. */
  defaultBranch?: string | undefined;
  receivedAt: number;
  state: DeliveryState;
  /** What came of it and why, in one sentence. */
  outcome?: string | undefined;
  endedAt?: number | undefined;
  /** How often the same id came again. */
  repeats: number;
  /** The targets whose desired moved by it. */
  targets: TargetId[];
}
