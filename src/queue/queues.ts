import type { RepositoryId, TargetId } from '../model/target.ts';

/** Queue names; BullMQ allows no colon in them. Their keys share the prefix of server.yaml. */
export const queueNames = ['intake', 'plan', 'deploy', 'notify'] as const;
export type QueueName = (typeof queueNames)[number];

/** Bells carry only a name: BullMQ may drop the payload of a repeated one, never the job. */
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

/** The answers for one commit and one context: an environment's name, or `config`. */
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
