import { findRule, type HealthRule } from '../model/health-rule.ts';
import { type Masks, secretMasks } from '../model/masks.ts';
import { groupKind, type KubeObject, refOf } from '../model/object.ts';
import { apiServiceHealth } from './api-service.ts';
import { condition, isTrue, isUnobserved, say } from './conditions.ts';
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
import { knownRule, rulesOf } from './rules/index.ts';
import type { RuleEvaluator } from './rules/rule.ts';
import { serviceHealth } from './service.ts';
import { statefulSetHealth } from './stateful-set.ts';
import { progressing, terminating, type Verdict } from './verdict.ts';

/** Kinds with a file of their own, as `Kind.group`; others are judged by a table in `rules/`, or by `generic.ts`. */
const kinds = new Map<string, EvaluateHealth>([
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

/** For the page that lists them. */
export const kindsWithAFile: readonly string[] = [...kinds.keys()];

/** Says how an object stands, as the API server answered it. */
export type EvaluateHealth = (object: KubeObject) => Verdict;

/** Health by what Slipway knows of the kind. */
export const healthOf: EvaluateHealth = createHealthEvaluator();

/**
 * Health by the rules of a repository and, where they leave it open, by what Slipway knows of the kind. What holds
 * for every kind comes first: an object that is being deleted, or that its controller has not looked at since it was
 * changed, is judged by nothing else. A suspended one is not looked at, so its controller is not waited for. The
 * repository's rules do not see what is hidden.
 */
export function createHealthEvaluator(
  rules: readonly HealthRule[] = [],
  masks: Masks = secretMasks,
): EvaluateHealth {
  const own = rulesOf(rules);
  return (object) => {
    if (isBeingDeleted(object) && !isFinished(object)) return terminating(deletion(object));
    const kind = groupKind(refOf(object));
    const rule = findRule(own, kind);
    const asked = rulesFor(object, kind, rule);
    const seen = rule ? masks.without(object) : object;
    for (const one of asked) {
      const verdict = one.suspends(one === rule ? seen : object);
      if (verdict) return verdict;
    }
    if (isUnobserved(object)) return progressing('waiting for its controller');
    for (const one of asked) {
      const verdict = one.verdict(one === rule ? seen : object);
      if (verdict) return verdict;
    }
    return (kinds.get(kind) ?? genericHealth)(object);
  };
}

/** A rule that is complete replaces what is known of the kind, one that is not goes first. */
function rulesFor(object: KubeObject, kind: string, own: RuleEvaluator | undefined): RuleEvaluator[] {
  if (own?.complete) return [own];
  const known = kinds.has(kind) ? undefined : knownRule(object, kind);
  return [own, known].filter((rule) => rule !== undefined);
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

/** A namespace says in conditions what it still holds. */
const heldNamespace = [
  'NamespaceFinalizersRemaining',
  'NamespaceDeletionContentFailure',
  'NamespaceDeletionDiscoveryFailure',
  'NamespaceDeletionGroupVersionParsingFailure',
  'NamespaceContentRemaining',
];

function deletion(object: KubeObject): string {
  const remains = heldNamespace.map((type) => condition(object, type)).find((one) => one?.status === 'True');
  if (remains) return `is being deleted: ${say(remains)}`;
  const finalizers = at(object, 'metadata', 'finalizers');
  const held = Array.isArray(finalizers) && finalizers.length > 0 ? `, held by ${finalizers.join(', ')}` : '';
  return `is being deleted${held}`;
}
