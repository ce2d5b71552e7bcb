import type { RepositoryId, TargetId } from '../model/target.ts';

/** Queue names; BullMQ allows no colon in them. Their keys share the prefix of server.yaml. */
export const queueNames = ['intake', 'plan', 'deploy', 'notify'] as const;
export type QueueName = (typeof queueNames)[number];

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
