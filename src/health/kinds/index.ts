import type { KubeObject } from '../../model/object.ts';
import type { Verdict } from '../verdict.ts';
import { apiServiceHealth } from './api-service.ts';
import { cronJobHealth } from './cron-job.ts';
import { customResourceDefinitionHealth } from './custom-resource-definition.ts';
import { daemonSetHealth } from './daemon-set.ts';
import { deploymentHealth } from './deployment.ts';
import { gatewayHealth } from './gateway.ts';
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

/** Kinds whose health is computed by a function of their own, by `Kind.group` (`Kind` for the core group). */
export const builtInKinds: ReadonlyMap<string, (object: KubeObject) => Verdict> = new Map([
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
  ['ListenerSet.gateway.networking.k8s.io', gatewayHealth],
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
  ['XListenerSet.gateway.networking.x-k8s.io', gatewayHealth],
]);
