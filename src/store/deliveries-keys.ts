import type { RepositoryId } from '../model/target.ts';

/** Keys of deliveries in Redis. The prefix has a hash tag, `{slipway}`, so that a Redis Cluster keeps them in one slot. */
export interface DeliveryKeys {
  /** Sorted set of ids by time. */
  index: string;
  /** Followed by the id: a hash. */
  record: string;
  /** Followed by the repository: a sorted set of the ids that wait for an intake. */
  waiting: string;
  /** Sorted set of the repositories that have waiting deliveries, by the time of the oldest. */
  waitingRepositories: string;
  /** Hash of repository → how often its deliveries were claimed. */
  claims: string;
  /** Set of the repositories whose intake is known to be enqueued and has not claimed yet. */
  enqueued: string;
  /** Sorted set of the repositories that a verified webhook named, by the time of the last one. */
  repositories: string;
  /** Followed by `<repository>:<commit>`: a hash of pull request number → head commit. */
  pulls: string;
}

export function deliveryKeys(prefix: string): DeliveryKeys {
  return {
    index: `${prefix}:deliveries`,
    record: `${prefix}:delivery:`,
    waiting: `${prefix}:waiting:`,
    waitingRepositories: `${prefix}:waiting-repositories`,
    claims: `${prefix}:claims`,
    enqueued: `${prefix}:enqueued`,
    repositories: `${prefix}:repositories`,
    pulls: `${prefix}:pulls:`,
  };
}

export function pullsKey(keys: DeliveryKeys, repository: RepositoryId, commit: string): string {
  return `${keys.pulls}${repository}:${commit}`;
}
