import { listOf, valueAt } from '../model/json.ts';
import { groupKind, type KubeObject, refOf } from '../model/object.ts';
import { condition, describeCondition, isTrue } from './conditions.ts';
import { terminating, type Verdict } from './verdict.ts';

/** Conditions of a Namespace that name what keeps it from being deleted. */
const namespaceBlockers = [
  'NamespaceFinalizersRemaining',
  'NamespaceDeletionContentFailure',
  'NamespaceDeletionDiscoveryFailure',
  'NamespaceDeletionGroupVersionParsingFailure',
  'NamespaceContentRemaining',
];

/** `terminating` if the object is being deleted and its work was not finished before; else undefined. */
export function deletionHealth(object: KubeObject): Verdict | undefined {
  if (valueAt(object, 'metadata', 'deletionTimestamp') === undefined || isFinished(object)) return undefined;
  return terminating(describeDeletion(object));
}

/**
 * Whether the object is a Job or a Pod that has completed. It may be deleted then, for example by
 * `ttlSecondsAfterFinished`, and stays healthy.
 */
export function isFinished(object: KubeObject): boolean {
  const kind = groupKind(refOf(object));
  if (kind === 'Job.batch') return isTrue(object, 'Complete');
  return kind === 'Pod' && valueAt(object, 'status', 'phase') === 'Succeeded';
}

function describeDeletion(object: KubeObject): string {
  const blocker = namespaceBlockers
    .map((type) => condition(object, type))
    .find((found) => found?.status === 'True');
  if (blocker) return `is being deleted: ${describeCondition(blocker)}`;
  const finalizers = listOf(valueAt(object, 'metadata', 'finalizers'));
  return `is being deleted${finalizers.length > 0 ? `, held by ${finalizers.join(', ')}` : ''}`;
}
