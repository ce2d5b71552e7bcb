import { objectAt, textAt } from '../model/json.ts';
import { groupOf, type KubeObject } from '../model/object.ts';
import { policyHealth } from './ancestors.ts';
import {
  type Condition,
  condition,
  describeCondition,
  freshConditions,
  isOutdated,
  isTrue,
} from './conditions.ts';
import { statusFieldsHealth } from './status-fields.ts';
import { assumedHealthy, failed, healthy, progressing, type Verdict } from './verdict.ts';
import { meaningOf, wordsIn } from './vocabulary.ts';

/** Conditions that report a failure when true; the first that is true decides. */
const failureConditions = ['Stalled', 'Degraded', 'Failed'];

/** Conditions that report success when true; the first that the object has decides. */
const successConditions = ['Ready', 'Available', 'Healthy', 'Succeeded', 'Complete', 'Completed'];

/**
 * Health of a kind without a file or a rule. First by the conditions that the API conventions and kstatus name
 * (https://github.com/kubernetes-sigs/cli-utils/blob/master/pkg/kstatus/README.md), then by conditions with names like
 * them (`ReconcileError`, `FurnaceUpdating`, `DashboardSynchronized`), then by other fields of the status. `Ready: False`
 * is progressing, not failed: most controllers set it as soon as they see an object. `Progressing` is checked before
 * `Available`, which stays true during a rollout.
 */
export function genericHealth(object: KubeObject): Verdict {
  return (
    workHealth(object) ??
    negativeHealth(object) ??
    successHealth(object) ??
    policyHealth(object) ??
    statusFieldsHealth(object) ??
    ongoingHealth(object) ??
    positiveHealth(object) ??
    silentHealth(object)
  );
}

function workHealth(object: KubeObject): Verdict | undefined {
  for (const type of failureConditions) {
    const found = condition(object, type);
    if (found?.status === 'True') return failed(describeCondition(found));
  }
  const reconciling = condition(object, 'Reconciling');
  if (reconciling?.status === 'True') return progressing(describeCondition(reconciling));
  const working = condition(object, 'Progressing');
  if (working?.status === 'True' && !isRolledOut(working)) return progressing(describeCondition(working));
  return undefined;
}

/** `Progressing` copied from a Deployment stays true after the rollout, with these reasons. */
function isRolledOut({ reason }: Condition): boolean {
  return ['NewReplicaSetAvailable', 'NewReplicationControllerAvailable'].includes(reason);
}

/** A condition whose type names a failure is true. `Ready: True` outweighs it: it summarises all conditions. */
function negativeHealth(object: KubeObject): Verdict | undefined {
  if (isTrue(object, 'Ready')) return undefined;
  const found = conditionsWith(object, (type) => meaningOf(type) === 'failed').find(
    ({ status }) => status === 'True',
  );
  return found && failed(describeCondition(found));
}

function successHealth(object: KubeObject): Verdict | undefined {
  for (const type of successConditions) {
    const found = condition(object, type);
    if (found) return byCondition(found);
    if (isOutdated(object, type)) return progressing('waiting for its controller');
  }
  return undefined;
}

function byCondition(found: Condition): Verdict {
  // Work that has ended may have ended in failure.
  if (found.type.startsWith('Complete') && found.status === 'True' && meaningOf(found.reason) === 'failed')
    return failed(describeCondition(found));
  if (found.status === 'True') return healthy(describeCondition(found));
  // Tekton and Knative set Succeeded for work that ran: unlike Ready, it is False only after the work has ended.
  if (found.type === 'Succeeded' && found.status === 'False') return failed(describeCondition(found));
  if (found.status === 'False' && namesFailure(found.reason)) return failed(describeCondition(found));
  return progressing(describeCondition(found));
}

/**
 * `DecryptionError` says what has failed, unlike `Reconciling` and `DependencyNotReady`; `Failed` alone is what some
 * controllers say until they have looked. It may pass: a wait gives it `failFastMs`.
 */
function namesFailure(reason: string): boolean {
  return wordsIn(reason).length > 1 && meaningOf(reason) === 'failed';
}

/** A condition whose type names work, such as `NodeInstallerProgressing` or `Updating`, is true. */
function ongoingHealth(object: KubeObject): Verdict | undefined {
  const found = conditionsWith(
    object,
    (type) => meaningOf(wordsIn(type).at(-1) ?? '') === 'progressing',
  ).find(({ status }) => status === 'True');
  return found && progressing(describeCondition(found));
}

/** Last words of condition types that report a success; others, such as `Active`, may be false on purpose. */
const successWords = new Set(
  (
    'ready available healthy succeeded completed synced synchronized deployed installed established provisioned ' +
    'initialized reconciled valid accepted programmed connected bound applied'
  ).split(' '),
);

/** Conditions whose types name a success, such as `DashboardSynchronized`: all of them have to be true. */
function positiveHealth(object: KubeObject): Verdict | undefined {
  const all = conditionsWith(object, isSuccess);
  const missing = all.find(({ status }) => status !== 'True');
  if (missing) return progressing(describeCondition(missing));
  return all[0] && healthy(describeCondition(all[0]));
}

function isSuccess(type: string): boolean {
  return meaningOf(type) !== 'progressing' && successWords.has(wordsIn(type).at(-1) ?? '');
}

function conditionsWith(object: KubeObject, isWanted: (type: string) => boolean): Condition[] {
  return freshConditions(object)
    .map((entry) => textAt(entry, 'type'))
    .filter(isWanted)
    .flatMap((type) => condition(object, type) ?? []);
}

/**
 * Without a status, a custom resource whose controller is slow looks like one that has no controller: the cluster has to
 * be asked which it is.
 */
function silentHealth(object: KubeObject): Verdict {
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
