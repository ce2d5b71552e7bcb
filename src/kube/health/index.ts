import { groupKind, type KubeObject, refOf } from '../../model/object.ts';
import { apiServiceHealth } from './api-service.ts';
import { isTrue, isUnobserved } from './conditions.ts';
import { cronJobHealth } from './cron-job.ts';
import { customResourceDefinitionHealth } from './custom-resource-definition.ts';
import { daemonSetHealth } from './daemon-set.ts';
import { deploymentHealth } from './deployment.ts';
import { at } from './fields.ts';
import { gatewayHealth } from './gateway.ts';
import { genericHealth } from './generic.ts';
import { horizontalPodAutoscalerHealth } from './horizontal-pod-autoscaler.ts';
import { ingressHealth } from './ingress.ts';
import { jobHealth } from './job.ts';
import { namespaceHealth } from './namespace.ts';
import { persistentVolumeClaimHealth } from './persistent-volume-claim.ts';
import { podHealth } from './pod.ts';
import { podDisruptionBudgetHealth } from './pod-disruption-budget.ts';
import { replicaSetHealth } from './replica-set.ts';
import { routeHealth } from './route.ts';
import { serviceHealth } from './service.ts';
import { statefulSetHealth } from './stateful-set.ts';
import { progressing, terminating, type Verdict } from './verdict.ts';

type HealthOf = (object: KubeObject) => Verdict;

/** Kinds with a rule of their own, as `Kind.group`; every other kind is judged by `generic.ts`. */
const kinds = new Map<string, HealthOf>([
  ['APIService.apiregistration.k8s.io', apiServiceHealth],
  ['CronJob.batch', cronJobHealth],
  ['CustomResourceDefinition.apiextensions.k8s.io', customResourceDefinitionHealth],
  ['DaemonSet.apps', daemonSetHealth],
  ['Deployment.apps', deploymentHealth],
  ['GRPCRoute.gateway.networking.k8s.io', routeHealth],
  ['Gateway.gateway.networking.k8s.io', gatewayHealth],
  ['GatewayClass.gateway.networking.k8s.io', gatewayHealth],
  ['HTTPRoute.gateway.networking.k8s.io', routeHealth],
  ['HorizontalPodAutoscaler.autoscaling', horizontalPodAutoscalerHealth],
  ['Ingress.networking.k8s.io', ingressHealth],
  ['Job.batch', jobHealth],
  ['Namespace', namespaceHealth],
  ['PersistentVolumeClaim', persistentVolumeClaimHealth],
  ['Pod', podHealth],
  ['PodDisruptionBudget.policy', podDisruptionBudgetHealth],
  ['ReplicaSet.apps', replicaSetHealth],
  ['ReplicationController', replicaSetHealth],
  ['Service', serviceHealth],
  ['StatefulSet.apps', statefulSetHealth],
  ['TCPRoute.gateway.networking.k8s.io', routeHealth],
  ['TLSRoute.gateway.networking.k8s.io', routeHealth],
  ['UDPRoute.gateway.networking.k8s.io', routeHealth],
]);

/**
 * Health of any object as the API server answered it. What holds for every kind comes first: an object that is
 * being deleted, or that its controller has not looked at since it was changed, is judged by nothing else.
 */
export function healthOf(object: KubeObject): Verdict {
  if (isBeingDeleted(object) && !isFinished(object)) return terminating(deletion(object));
  if (isUnobserved(object)) return progressing('waiting for its controller');
  const judge = kinds.get(groupKind(refOf(object))) ?? genericHealth;
  return judge(object);
}

/** What has done its work may be removed, as `ttlSecondsAfterFinished` does, and stays done. */
export function isFinished(object: KubeObject): boolean {
  const kind = groupKind(refOf(object));
  if (kind === 'Job.batch') return isTrue(object, 'Complete');
  return kind === 'Pod' && at(object, 'status', 'phase') === 'Succeeded';
}

function isBeingDeleted(object: KubeObject): boolean {
  return at(object, 'metadata', 'deletionTimestamp') !== undefined;
}

function deletion(object: KubeObject): string {
  const finalizers = at(object, 'metadata', 'finalizers');
  const held = Array.isArray(finalizers) && finalizers.length > 0 ? `, held by ${finalizers.join(', ')}` : '';
  return `is being deleted${held}`;
}
