import type { Delivery, DeliveryState, MergedPull } from '../model/delivery.ts';
import type { RepositoryId, TargetId } from '../model/target.ts';
import type { PullOfCommit } from './forge.ts';

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
  /** Milliseconds since the epoch. */
  receivedAt: number;
  /** Set: rings no bell, and this is why. */
  ignored?: string | undefined;
  merged?: MergedPull | undefined;
  /** Whether a project allows the repository, so that the poll may look at it from now on. */
  known: boolean;
}

export interface Accepted {
  id: string;
  state: DeliveryState;
  outcome?: string | undefined;
  /** The same id was recorded before. */
  repeated: boolean;
  /** Set: the repository's bell must be rung before the delivery may be acknowledged. */
  wakeUp?: WakeUp | undefined;
}

/** A bell to ring. Handed back with the next batch once it is rung, it spares ringing again until it is answered. */
export interface WakeUp {
  repository: RepositoryId;
  /** How often the repository's deliveries had been claimed by then. */
  claims: number;
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
}

/** The record of every delivery, bounded by age and count. Throws REDIS_UNREACHABLE. */
export interface Deliveries {
  /**
   * Records a batch in one round trip; the answers are in the order of the batch. `rung` are the bells of earlier
   * batches that are in Redis: while nobody has claimed since, they cover what comes in now.
   */
  accept(batch: NewDelivery[], enqueued?: WakeUp[]): Promise<Accepted[]>;
  /**
   * Every delivery that waits for this repository's bell, oldest first. They go on waiting until `end`, so an
   * intake that dies in between loses none. To be called before Git is asked: what comes in later rings anew.
   */
  claim(repository: RepositoryId): Promise<Delivery[]>;
  /** Records what came of them. Ids that are no longer recorded are passed over. */
  end(ids: string[], ending: DeliveryEnding): Promise<void>;
  /** Repositories with a delivery that waits since before `before`: their bell may have been lost in a crash. */
  overdue(before: number): Promise<RepositoryId[]>;
  /** Newest first. */
  list(filter: DeliveryFilter): Promise<Delivery[]>;
  get(id: string): Promise<Delivery | undefined>;
  /** Repositories that a verified webhook named and a project allows. */
  repositories(): Promise<RepositoryId[]>;
  /** Merged pull requests whose merge made this commit, as their webhooks said. */
  pullsOf(repository: RepositoryId, commit: string): Promise<PullOfCommit[]>;
}
