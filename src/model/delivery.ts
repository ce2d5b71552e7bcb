import type { RepositoryId, TargetId } from './target.ts';

/** A webhook's payload without terms of one forge. It is only a hint: heads are always read from Git. */
export interface WebhookEvent {
  /** The forge's delivery id; a redelivery has the same one. */
  id: string;
  /** The forge's name of the event: `push`, `pull_request.closed`, `Merge Request Hook`. */
  event: string;
  repository?: RepositoryId | undefined;
  /** The branch or tag that may have moved, as a full ref: `refs/heads/main`. */
  ref?: string | undefined;
  /** The head that the payload names. It may be reported as `superseded` and is never deployed. */
  commit?: string | undefined;
  sender?: string | undefined;
  /** The project whose webhook secret signed the event; undefined: a secret of the forge. */
  signer?: string | undefined;
  /** The default branch that the payload names. */
  defaultBranch?: string | undefined;
  /** Why the event starts no intake; undefined if it does. */
  ignored?: string | undefined;
  /** The merged pull request. Its head commit gets the same statuses once the forge has confirmed it. */
  merged?: MergedPull | undefined;
}

export interface MergedPull {
  number: number;
  /** Head commit of the pull request's branch. */
  head: string;
  /** Commit that the merge created on the base branch. */
  mergeCommit: string;
  base: string;
}

export type DeliveryState = 'waiting' | 'done' | 'ignored' | 'failed';

/** One webhook request, or one new head that the poll found, with its outcome. */
export interface Delivery {
  /** `<forge>:<the forge's id>`; `<forge>:poll-…` for the poll. */
  id: string;
  kind: 'webhook' | 'poll';
  forge: string;
  event: string;
  repository?: RepositoryId | undefined;
  ref?: string | undefined;
  /** The head that the payload named, so that a skipped commit can be reported as superseded. */
  commit?: string | undefined;
  sender?: string | undefined;
  /** The default branch that the payload named. */
  defaultBranch?: string | undefined;
  receivedAt: number;
  state: DeliveryState;
  /** The outcome and its reason, in one sentence. */
  outcome?: string | undefined;
  endedAt?: number | undefined;
  /** How often the same id was delivered again. */
  repeats: number;
  /** The targets whose desired revision it changed. */
  targets: TargetId[];
}
