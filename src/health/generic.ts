import { objectAt, objectsAt, valueAt } from '../model/json.ts';
import { groupOf, type KubeObject } from '../model/object.ts';
import type { Condition } from './conditions.ts';
import { policyHealth } from './generic/ancestors.ts';
import {
  conditionsOf,
  explainedVerdict,
  negativeVerdict,
  ongoingVerdict,
  positiveVerdict,
  summaryVerdict,
  workVerdict,
} from './generic/by-conditions.ts';
import { contradiction, statusFieldsHealth } from './generic/status-fields.ts';
import { assumedHealthy, healthy, suspended, type Verdict } from './verdict.ts';

/**
 * Health of a kind without a file or a rule. First by the conditions that the API conventions and kstatus name
 * (https://github.com/kubernetes-sigs/cli-utils/blob/master/pkg/kstatus/README.md), then by conditions with names like
 * them (`ReconcileError`, `FurnaceUpdating`, `DashboardSynchronized`), then by other fields of the status. `Ready: False`
 * is progressing, not failed, unless something says what has failed: most controllers set it as soon as they see an
 * object. `Progressing` is checked before `Available`, which stays true during a rollout.
 */
export function genericHealth(object: KubeObject): Verdict {
  const list = objectsAt(object, 'status', 'conditions');
  const conditions = conditionsOf(list, object);
  return (
    workVerdict(conditions) ??
    negativeVerdict(conditions) ??
    withReason(summaryVerdict(list, object), conditions, object) ??
    policyHealth(object) ??
    explainedVerdict(conditions) ??
    statusFieldsHealth(object) ??
    ongoingVerdict(conditions) ??
    positiveVerdict(conditions, object) ??
    silentHealth(object)
  );
}

/**
 * What is not ready may have failed, as another condition or a field of the status says. What is ready may say in plain
 * words that it is not: then the words count.
 */
function withReason(
  summary: Verdict | undefined,
  conditions: readonly Condition[],
  object: KubeObject,
): Verdict | undefined {
  if (summary?.state === 'healthy') return contradiction(object) ?? summary;
  if (summary?.state !== 'progressing') return summary;
  const explained = explainedVerdict(conditions) ?? statusFieldsHealth(object, 1);
  return explained?.state === 'failed' ? explained : summary;
}

/**
 * Without a status, a custom resource whose controller is slow looks like one that has no controller: the cluster has to
 * be asked which it is.
 */
function silentHealth(object: KubeObject): Verdict {
  if (valueAt(object, 'spec', 'enabled') === false) return suspended('spec.enabled is false');
  const hasStatus = Object.keys(objectAt(object, 'status')).length > 0;
  if (hasStatus || isBuiltIn(object)) return healthy('nothing to wait for');
  return assumedHealthy('no controller has reported its status');
}

/**
 * Whether a custom resource has a status without any `observedGeneration`: after a change, such a status may still
 * describe the generation before.
 */
export function omitsObservedGeneration(object: KubeObject): boolean {
  const status = objectAt(object, 'status');
  if (isBuiltIn(object) || Object.keys(status).length === 0) return false;
  return !JSON.stringify(status).includes('"observedGeneration":');
}

/** Whether Kubernetes itself serves the group. Custom resources may also use groups that end in `.k8s.io`. */
export function isBuiltIn(object: KubeObject): boolean {
  const group = groupOf(object.apiVersion);
  return !group.includes('.') || builtInGroups.has(group);
}

const builtInGroups = new Set([
  'admissionregistration.k8s.io',
  'apiextensions.k8s.io',
  'apiregistration.k8s.io',
  'authentication.k8s.io',
  'authorization.k8s.io',
  'certificates.k8s.io',
  'coordination.k8s.io',
  'discovery.k8s.io',
  'events.k8s.io',
  'flowcontrol.apiserver.k8s.io',
  'internal.apiserver.k8s.io',
  'networking.k8s.io',
  'node.k8s.io',
  'rbac.authorization.k8s.io',
  'resource.k8s.io',
  'scheduling.k8s.io',
  'storage.k8s.io',
  'storagemigration.k8s.io',
]);
