import { podHealth } from '../../health/kinds/pod.ts';
import type { Cause } from '../../model/failure.ts';
import { numberAt, textAt } from '../../model/json.ts';
import type { KubeObject } from '../../model/object.ts';

/** Lets a release delete the pods that block the update of a StatefulSet. */
export const replaceAnnotation = 'slipway.dev/replace-stuck-pods';

/** Pods of an older revision that are not ready, and so block the update of their StatefulSet. */
export interface StuckPods {
  /** By their numbers, the lowest first. */
  pods: [KubeObject, ...KubeObject[]];
  /** What a person should read first. */
  summary: string;
  hint: string;
}

/**
 * With `podManagementPolicy: OrderedReady`, the controller waits until each pod is ready before it updates any, and so
 * never replaces one of a broken revision, even if the template is corrected: known as forced rollback
 * (https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#forced-rollback). Undefined: no pod blocks the
 * update, or a pod of the newest revision is not ready either.
 */
export function stuckPods(set: KubeObject, pods: KubeObject[]): StuckPods | undefined {
  if (textAt(set, 'status', 'updateRevision') === '' || !updatesInOrder(set)) return undefined;
  const unready = pods.filter((pod) => podHealth(pod).state !== 'healthy').sort(byNumber);
  const partition = numberAt(set, 'spec', 'updateStrategy', 'rollingUpdate', 'partition');
  const [first, ...others] = unready.filter((pod) => numberOf(pod) >= partition);
  if (!first || unready.some((pod) => isUpdated(set, pod))) return undefined;
  const { name = '' } = first.metadata;
  const { namespace = 'default' } = set.metadata;
  return {
    pods: [first, ...others],
    summary: `pod ${name} is of an older revision and not ready, and blocks the update: kubectl delete pod ${name} -n ${namespace}`,
    hint: `Kubernetes does not replace a pod of a StatefulSet that never becomes ready: delete it, and it is created from the new template. With the annotation ${replaceAnnotation}: allowed on the StatefulSet, a release deletes such pods itself.`,
  };
}

/** What the pod itself reports, with the revision that it is of: its image may be in no file any more. */
export function ofRevision(pod: KubeObject, { summary, pod: name, container }: Cause): Cause {
  return { summary: `${summary} (revision ${revisionOf(pod)})`, pod: name, container };
}

/** Whether a pod of a StatefulSet is of its newest revision. */
export function isUpdated(set: KubeObject, pod: KubeObject): boolean {
  return revisionOf(pod) === textAt(set, 'status', 'updateRevision');
}

function revisionOf(pod: KubeObject): string {
  return textAt(pod, 'metadata', 'labels', 'controller-revision-hash');
}

function updatesInOrder(set: KubeObject): boolean {
  const isParallel = textAt(set, 'spec', 'podManagementPolicy') === 'Parallel';
  return !isParallel && textAt(set, 'spec', 'updateStrategy', 'type') !== 'OnDelete';
}

function byNumber(a: KubeObject, b: KubeObject): number {
  return numberOf(a) - numberOf(b);
}

/** The number at the end of its name. */
function numberOf({ metadata }: KubeObject): number {
  return Number(/-(\d+)$/.exec(metadata.name ?? '')?.[1] ?? 0);
}
