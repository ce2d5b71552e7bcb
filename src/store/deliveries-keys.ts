import type { RepositoryId } from '../model/target.ts';

/** Where deliveries stand in Redis. The prefix has a hash tag, `{slipway}`, so that a Redis Cluster keeps them in one slot. */
export interface DeliveryKeys {
  /** Sorted set of ids by time. */
  index: string;
  /** Followed by the id: a hash. */
  record: string;
  /** Followed by the repository: a sorted set of the ids that wait for its bell. */
  waiting: string;
  /** Sorted set of the repositories that have waiting deliveries, by the time of the oldest. */
  waitingRepositories: string;
  /** Hash of repository → how often its deliveries were claimed. */
  claims: string;
  /** Set of the repositories whose bell is known to be rung and not answered yet. */
  enqueued: string;
  /** Sorted set of the repositories that a verified webhook named, by the last time. */
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
    enqueued: `${prefix}:rung`,
    repositories: `${prefix}:repositories`,
    pulls: `${prefix}:pulls:`,
  };
}

export function pullsKey(keys: DeliveryKeys, repository: RepositoryId, commit: string): string {
  return `${keys.pulls}${repository}:${commit}`;
}
