import type { RepositoryId, TargetId } from '../model/target.ts';

/** Kinds of jobs. The keys of their queues share the prefix of server.yaml. */
export const queueNames = ['intake', 'plan', 'deploy', 'notify'] as const;
export type QueueName = (typeof queueNames)[number];

/**
 * What jobs wait for outside of Slipway. Each cluster has a deploy queue of its own, and each forge an intake and a
 * notify queue: one that does not respond delays only its own jobs, however many there are.
 */
export interface Outside {
  clusters: string[];
  forges: string[];
}

/** The forges or clusters that split a kind of jobs; none for plans, whose permits are per cluster. */
export function sharesOf(name: QueueName, { clusters, forges }: Outside): string[] {
  if (name === 'plan') return [];
  return name === 'deploy' ? clusters : forges;
}

/**
 * The name of a BullMQ queue, which has no colon. Undefined: jobs of a cluster or forge that server.yaml does not have
 * (any more); running them says so.
 */
export function queueOf(name: QueueName, share: string | undefined): string {
  return share === undefined ? name : `${name}-${share}`;
}

/** Jobs carry only a name: BullMQ may drop the payload of a deduplicated job, never the job. */
export interface IntakeJob {
  repository: RepositoryId;
}

export interface PlanJob {
  /** Id of the request, which is recorded in Redis. */
  request: string;
}

export interface DeployJob {
  target: TargetId;
}

/** The report of one commit and one scope: an environment, or `slipway.yaml` itself. */
export interface NotifyJob {
  repository: RepositoryId;
  commit: string;
  scope: string;
}

export interface JobOf {
  intake: IntakeJob;
  plan: PlanJob;
  deploy: DeployJob;
  notify: NotifyJob;
}

export type AnyJob = JobOf[QueueName];
