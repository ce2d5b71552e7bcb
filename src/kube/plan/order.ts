import { waveNumber } from '../../model/hook.ts';
import { textOf } from '../../model/json.ts';
import type { KubeObject, ObjectRef } from '../../model/object.ts';
import { groupKind, refOf } from '../../model/object.ts';

/**
 * The order in which kinds are applied; a wave starts when the one before is on the cluster. Pruning uses the reverse
 * order. Kinds that are not listed (custom resources, Ingress, HorizontalPodAutoscaler) are in the wave `others`. A kind
 * with a `type` after it is only the objects of that type.
 */
const table: { wave: string; kinds: string[] }[] = [
  { wave: 'namespaces', kinds: ['Namespace'] },
  {
    wave: 'definitions',
    kinds: [
      'CustomResourceDefinition.apiextensions.k8s.io',
      'PriorityClass.scheduling.k8s.io',
      'StorageClass.storage.k8s.io',
      'VolumeAttributesClass.storage.k8s.io',
      'CSIDriver.storage.k8s.io',
      'RuntimeClass.node.k8s.io',
      'IngressClass.networking.k8s.io',
      'GatewayClass.gateway.networking.k8s.io',
      'DeviceClass.resource.k8s.io',
    ],
  },
  {
    wave: 'accounts, limits and configuration',
    kinds: [
      'ServiceAccount',
      'Role.rbac.authorization.k8s.io',
      'ClusterRole.rbac.authorization.k8s.io',
      'ResourceQuota',
      'LimitRange',
      'NetworkPolicy.networking.k8s.io',
      'ConfigMap',
      'Secret',
      'PersistentVolume',
    ],
  },
  {
    // After the roles: an account that lacks a role's rights may not bind it before it exists.
    // Before the workloads: pods get the Services of their namespace as environment variables when they start.
    wave: 'bindings, volume claims and services',
    kinds: [
      'RoleBinding.rbac.authorization.k8s.io',
      'ClusterRoleBinding.rbac.authorization.k8s.io',
      // After its account: the token controller deletes a token whose account does not exist.
      'Secret kubernetes.io/service-account-token',
      'PersistentVolumeClaim',
      'Service',
      'PodDisruptionBudget.policy',
      'ResourceClaimTemplate.resource.k8s.io',
    ],
  },
  {
    wave: 'workloads',
    kinds: [
      'Deployment.apps',
      'StatefulSet.apps',
      'DaemonSet.apps',
      'ReplicaSet.apps',
      'ReplicationController',
      'PodTemplate',
      'Pod',
      'Job.batch',
      'CronJob.batch',
    ],
  },
  { wave: 'others', kinds: [] },
  {
    // Last, because they decide about requests from here on, and what serves them was applied before.
    wave: 'admission',
    kinds: [
      'APIService.apiregistration.k8s.io',
      'ValidatingAdmissionPolicy.admissionregistration.k8s.io',
      'ValidatingAdmissionPolicyBinding.admissionregistration.k8s.io',
      'MutatingAdmissionPolicy.admissionregistration.k8s.io',
      'MutatingAdmissionPolicyBinding.admissionregistration.k8s.io',
      'ValidatingWebhookConfiguration.admissionregistration.k8s.io',
      'MutatingWebhookConfiguration.admissionregistration.k8s.io',
    ],
  },
];

const others = table.findIndex(({ wave }) => wave === 'others');
const waveOfKind = new Map(table.flatMap(({ kinds }, index) => kinds.map((kind) => [kind, index])));

function waveOf(object: KubeObject): number {
  const kind = groupKind(refOf(object));
  return waveOfKind.get(`${kind} ${textOf(object.type)}`) ?? waveOfKind.get(kind) ?? others;
}

/** Whether the API server asks a webhook or another API server about requests once such an object exists. */
export function isAdmissionObject(object: KubeObject): boolean {
  return table[waveOf(object)]?.wave === 'admission';
}

export function isDefinition(ref: Pick<ObjectRef, 'group' | 'kind'>): boolean {
  return groupKind(ref) === 'CustomResourceDefinition.apiextensions.k8s.io';
}

/** By the waves that objects ask for themselves, then by those of their kinds. */
export function inOwnWaves<T>(items: T[], objectOf: (item: T) => KubeObject): T[][] {
  const own = new Map<number, T[]>();
  for (const item of items) {
    const number = waveNumber(objectOf(item));
    const wave = own.get(number) ?? [];
    wave.push(item);
    own.set(number, wave);
  }
  return [...own].sort(([one], [other]) => one - other).flatMap(([, wave]) => inWaves(wave, objectOf));
}

/** In waves, first to last; within a wave in the order given. Empty waves are left out. */
export function inWaves<T>(items: T[], objectOf: (item: T) => KubeObject): T[][] {
  const waves: T[][] = table.map(() => []);
  for (const item of items) waves[waveOf(objectOf(item))]?.push(item);
  return waves.filter((wave) => wave.length > 0);
}
