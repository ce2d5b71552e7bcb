import { asObject, textAt } from '../model/json.ts';
import { groupOf, type KubeObject } from '../model/object.ts';
import { type Condition, condition, describeCondition, isOutdated } from './conditions.ts';
import { oneLine } from './text.ts';
import { assumedHealthy, failed, healthy, progressing, type Verdict } from './verdict.ts';

/** Abnormal when true, the most telling first; `Reconciling` and `Stalled` are kstatus's standard ones. */
const bad = ['Stalled', 'Degraded', 'Failed'];

/** Good when true; the first that an object has decides. */
const good = ['Ready', 'Available', 'Healthy', 'Succeeded', 'Complete', 'Completed'];

/**
 * Health of a kind without a file of its own, by the conditions that the API conventions and kstatus name
 * (https://github.com/kubernetes-sigs/cli-utils/blob/master/pkg/kstatus/README.md). `Ready: False` is a wait and
 * not a failure: most controllers say it from the first moment. `Available` stays true while a new version is brought
 * out, which `Progressing` then says.
 */
export function genericHealth(object: KubeObject): Verdict {
  for (const type of bad) {
    const found = condition(object, type);
    if (found?.status === 'True') return failed(describeCondition(found));
  }
  const reconciling = condition(object, 'Reconciling');
  if (reconciling?.status === 'True') return progressing(describeCondition(reconciling));
  const working = condition(object, 'Progressing');
  if (working?.status === 'True' && !isRolledOut(working)) return progressing(describeCondition(working));
  for (const type of good) {
    const found = condition(object, type);
    if (found) return byGoodCondition(found);
    if (isOutdated(object, type)) return progressing('waiting for its controller');
  }
  return silent(object);
}

/** What is copied from a Deployment's conditions stays true when all is done. */
function isRolledOut({ reason }: Condition): boolean {
  return ['NewReplicaSetAvailable', 'NewReplicationControllerAvailable'].includes(reason);
}

function byGoodCondition(found: Condition): Verdict {
  if (found.status === 'True') return healthy(describeCondition(found));
  // Tekton's and Knative's word for work that ran: unlike Ready it is False only when all is over.
  if (found.type === 'Succeeded' && found.status === 'False') return failed(describeCondition(found));
  return progressing(describeCondition(found));
}

/** A custom resource whose controller has written nothing yet cannot be told from one that nobody looks after. */
function silent(object: KubeObject): Verdict {
  const phase = ['phase', 'state'].map((key) => textAt(object, 'status', key)).find((text) => text !== '');
  if (phase && /^(failed|error)$/i.test(phase)) {
    const message = textAt(object, 'status', 'message') || textAt(object, 'status', 'reason');
    return failed(message === '' ? phase : `${phase}: ${oneLine(message, 300)}`);
  }
  const spoken = asObject(object.status) && Object.keys(asObject(object.status) ?? {}).length > 0;
  if (spoken || isBuiltIn(object)) return healthy('nothing to wait for');
  return assumedHealthy('no controller has reported on it');
}

/**
 * A custom resource with a status that does not say which generation it is about: after a change it cannot be told
 * from the one before.
 */
export function omitsObservedGeneration(object: KubeObject): boolean {
  const status = asObject(object.status) ?? {};
  if (isBuiltIn(object) || Object.keys(status).length === 0) return false;
  return !JSON.stringify(status).includes('"observedGeneration":');
}

/** Groups of Kubernetes itself have no dot or end in `.k8s.io`; the latter also serve some custom resources. */
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
