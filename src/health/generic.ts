import { objectAt, textAt } from '../model/json.ts';
import { groupOf, type KubeObject } from '../model/object.ts';
import { type Condition, condition, describeCondition, isOutdated } from './conditions.ts';
import { oneLine } from './text.ts';
import { assumedHealthy, failed, healthy, progressing, type Verdict } from './verdict.ts';

/** Conditions that report a failure when true; the first that is true decides. */
const failureConditions = ['Stalled', 'Degraded', 'Failed'];

/** Conditions that report success when true; the first that the object has decides. */
const successConditions = ['Ready', 'Available', 'Healthy', 'Succeeded', 'Complete', 'Completed'];

/**
 * Health of a kind without a file or a rule, by the conditions that the API conventions and kstatus name
 * (https://github.com/kubernetes-sigs/cli-utils/blob/master/pkg/kstatus/README.md). `Ready: False` is progressing, not
 * failed: most controllers set it as soon as they see an object. `Progressing` is checked before `Available`, which
 * stays true during a rollout.
 */
export function genericHealth(object: KubeObject): Verdict {
  for (const type of failureConditions) {
    const found = condition(object, type);
    if (found?.status === 'True') return failed(describeCondition(found));
  }
  const reconciling = condition(object, 'Reconciling');
  if (reconciling?.status === 'True') return progressing(describeCondition(reconciling));
  const working = condition(object, 'Progressing');
  if (working?.status === 'True' && !isRolledOut(working)) return progressing(describeCondition(working));
  for (const type of successConditions) {
    const found = condition(object, type);
    if (found) return successHealth(found);
    if (isOutdated(object, type)) return progressing('waiting for its controller');
  }
  return healthWithoutConditions(object);
}

/** `Progressing` copied from a Deployment stays true after the rollout, with these reasons. */
function isRolledOut({ reason }: Condition): boolean {
  return ['NewReplicaSetAvailable', 'NewReplicationControllerAvailable'].includes(reason);
}

function successHealth(found: Condition): Verdict {
  if (found.status === 'True') return healthy(describeCondition(found));
  // Tekton and Knative set Succeeded for work that ran: unlike Ready, it is False only after the work has ended.
  if (found.type === 'Succeeded' && found.status === 'False') return failed(describeCondition(found));
  return progressing(describeCondition(found));
}

/**
 * Without a status, a custom resource whose controller is slow looks like one that has no controller: the cluster has to
 * be asked which it is.
 */
function healthWithoutConditions(object: KubeObject): Verdict {
  const phase = ['phase', 'state'].map((key) => textAt(object, 'status', key)).find((text) => text !== '');
  if (phase && /^(failed|error)$/i.test(phase)) {
    const message = textAt(object, 'status', 'message') || textAt(object, 'status', 'reason');
    return failed(message === '' ? phase : `${phase}: ${oneLine(message, 300)}`);
  }
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
