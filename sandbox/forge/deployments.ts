import { now } from './clock.ts';
import type { Context } from './context.ts';
import { notFound } from './failure.ts';
import type { DeploymentRecord, Repository } from './state.ts';

export type NewDeployment = Pick<DeploymentRecord, 'sha' | 'ref' | 'environment' | 'task' | 'description'>;

export const addDeployment = (
  context: Context,
  repository: Repository,
  wanted: NewDeployment,
): DeploymentRecord => {
  const at = now();
  const deployment = { ...wanted, id: context.state.nextId(), createdAt: at, updatedAt: at, statuses: [] };
  repository.deployments.push(deployment);
  return deployment;
};

export const findDeployment = (repository: Repository, id: number): DeploymentRecord => {
  const found = repository.deployments.find((deployment) => deployment.id === id);
  if (found === undefined) throw notFound();
  return found;
};

export type DeploymentStatusRecord = DeploymentRecord['statuses'][number];

export const addDeploymentStatus = (
  context: Context,
  deployment: DeploymentRecord,
  wanted: Pick<DeploymentStatusRecord, 'state' | 'description' | 'targetUrl'>,
): DeploymentStatusRecord => {
  const status = { ...wanted, id: context.state.nextId(), at: now() };
  deployment.statuses.push(status);
  deployment.updatedAt = status.at;
  return status;
};
