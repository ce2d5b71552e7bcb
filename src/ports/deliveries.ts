import type { Delivery, DeliveryState, MergedPull } from '../model/delivery.ts';
import type { RepositoryId, TargetId } from '../model/target.ts';
import type { PullOfCommit } from './forge.ts';
import type { RepositoryScope } from './projects.ts';

/** A delivery as it comes in, from a webhook or from the poll. */
export interface NewDelivery {
  /** `<forge>:<the forge's id>`; `<forge>:poll-…` for findings of the poll. */
  id: string;
  kind: Delivery['kind'];
  forge: string;
  event: string;
  repository?: RepositoryId | undefined;
  ref?: string | undefined;
  commit?: string | undefined;
  sender?: string | undefined;
  defaultBranch?: string | undefined;
  /** Milliseconds since the epoch, for people: the order is that in which deliveries are recorded. */
  receivedAt: number;
  /** Set: the delivery enqueues nothing, and this is why. */
  ignored?: string | undefined;
  merged?: MergedPull | undefined;
  /** Whether a project allows the repository, so that the poll includes it from now on. */
  known: boolean;
}

export interface Accepted {
  id: string;
  state: DeliveryState;
  outcome?: string | undefined;
  /** The same id was recorded before. */
  repeated: boolean;
  /** Set: an intake of the repository must be enqueued before the delivery may be acknowledged. */
  wakeUp?: WakeUp | undefined;
}

/** An intake to enqueue. Passed with the next batch once it is enqueued, it covers new deliveries until an intake claims. */
export interface WakeUp {
  repository: RepositoryId;
  /** How often the repository's deliveries had been claimed when this was returned. */
  claims: number;
}

export interface WaitingDelivery extends Delivery {
  /** Milliseconds since it was recorded, or was delivered again after it had ended. */
  waitedMs: number;
}

export interface DeliveryEnding {
  state: 'done' | 'failed' | 'ignored';
  /** What came of it and why, in one sentence. */
  outcome: string;
  targets: TargetId[];
}

export interface DeliveryFilter {
  /** 1 to 1000. */
  limit: number;
  repository?: RepositoryId | undefined;
  state?: DeliveryState | undefined;
  /** Undefined: also deliveries of no repository. */
  scope?: RepositoryScope | undefined;
}

/** The record of every delivery, bounded by age and count. Throws REDIS_UNREACHABLE. */
export interface Deliveries {
  /**
   * Records a batch in one round trip; the results are in the order of the batch. `enqueued` are the wake-ups of
   * earlier batches that are in Redis: they cover this batch unless an intake has claimed since.
   */
  accept(batch: NewDelivery[], enqueued?: WakeUp[]): Promise<Accepted[]>;
  /**
   * Every waiting delivery of this repository, oldest first. They wait until `end`, so an intake that dies in between
   * loses none. Call it before asking Git: a delivery that comes later enqueues another intake.
   */
  claim(repository: RepositoryId): Promise<WaitingDelivery[]>;
  /** Records the outcome of the deliveries. Ids that are no longer recorded are ignored. */
  end(ids: string[], ending: DeliveryEnding): Promise<void>;
  /** Repositories with a delivery that has waited for so many milliseconds: a crash may have lost their wake-up. */
  overdue(olderThanMs: number): Promise<RepositoryId[]>;
  /** Newest first. */
  list(filter: DeliveryFilter): Promise<Delivery[]>;
  get(id: string): Promise<Delivery | undefined>;
  /** Repositories that a verified webhook named and that a project allows. */
  repositories(): Promise<RepositoryId[]>;
  /** Pull requests whose merge made this commit, according to their webhooks. */
  pullsOf(repository: RepositoryId, commit: string): Promise<PullOfCommit[]>;
}
