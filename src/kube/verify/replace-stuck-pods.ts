import { podHealth } from '../../health/kinds/pod.ts';
import { annotationOf } from '../../model/annotation.ts';
import type { ObjectChange } from '../../model/change-set.ts';
import { describeRef, type KubeObject, refOf } from '../../model/object.ts';
import { replaceAnnotation } from '../diagnose/stuck-pods.ts';
import type { Resource } from '../discovery/resource.ts';
import { type Deleter, deleteObject } from '../objects/delete.ts';
import type { Writing } from '../writing.ts';

const podResource: Resource = {
  group: '',
  version: 'v1',
  kind: 'Pod',
  resource: 'pods',
  namespaced: true,
  verbs: [],
};

/** Deletes pods that block the update of a StatefulSet whose annotation allows it. */
export interface PodReplacer {
  /**
   * Deletes the first of the stuck pods; the next one once the set has replaced it. One that has not failed may still
   * become ready: it is deleted only if `isLate`. Resolves to whether one was deleted. Throws CLUSTER_FORBIDDEN if the
   * account may not delete pods.
   */
  replace(set: KubeObject, stuck: readonly KubeObject[], isLate: boolean): Promise<boolean>;
  /** What was deleted, as changes. */
  changes(): readonly ObjectChange[];
}

export function createPodReplacer(deleter: Deleter, writing: Pick<Writing, 'lease' | 'signal'>): PodReplacer {
  const changes: ObjectChange[] = [];
  return {
    changes: () => changes,
    async replace(set, stuck, isLate) {
      if (!mayReplace(set)) return false;
      const pod = isLate ? stuck[0] : stuck.find((one) => podHealth(one).state === 'failed');
      if (!pod) return false;
      const deletion = {
        object: pod,
        resource: podResource,
        propagation: 'Background',
        only: 'uid',
      } as const;
      const outcome = await deleteObject(deleter, deletion, { ...writing, dryRun: false });
      if (outcome === 'changed') return false;
      const summary = `deleted: it was stuck on an older revision of ${describeRef({ ...refOf(set), namespace: undefined })}`;
      changes.push({
        ref: refOf(pod),
        action: 'configured',
        fields: [],
        notice: { kind: 'recreated', summary },
      });
      return true;
    },
  };
}

export function mayReplace(set: KubeObject): boolean {
  return annotationOf(set, replaceAnnotation) === 'allowed';
}
