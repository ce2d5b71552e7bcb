import { numberAt, optionalNumberAt, textAt } from '../../model/json.ts';
import type { KubeObject } from '../../model/object.ts';
import { isUnobserved } from '../conditions.ts';
import { healthy, progressing, scaledToZero, type Verdict } from '../verdict.ts';

/**
 * With `OnDelete` the old pods stay until somebody deletes them, and below `partition` they stay on purpose:
 * neither is waited for
 * (https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#update-strategies).
 */
export function statefulSetHealth(object: KubeObject): Verdict {
  if (isUnobserved(object, true)) return progressing('waiting for the statefulset controller');
  const wanted = optionalNumberAt(object, 'spec', 'replicas') ?? 1;
  const running = numberAt(object, 'status', 'replicas');
  const ready = numberAt(object, 'status', 'readyReplicas');
  const available = optionalNumberAt(object, 'status', 'availableReplicas') ?? ready;
  if (running > wanted) return progressing(`${running - wanted} more pods than wanted`);
  if (ready < wanted) return progressing(`${ready} of ${wanted} pods ready`);
  if (available < wanted) return progressing(`${available} of ${wanted} pods available for minReadySeconds`);
  if (wanted === 0) return scaledToZero('scaled to zero');
  return updateHealth(object, wanted);
}

function updateHealth(object: KubeObject, wanted: number): Verdict {
  const current = textAt(object, 'status', 'currentRevision') === textAt(object, 'status', 'updateRevision');
  if (current) return healthy(`${wanted} of ${wanted} pods ready`);
  if (textAt(object, 'spec', 'updateStrategy', 'type') === 'OnDelete') {
    return healthy(`${wanted} of ${wanted} pods ready; OnDelete: they run the new revision once deleted`);
  }
  const partition = numberAt(object, 'spec', 'updateStrategy', 'rollingUpdate', 'partition');
  const toUpdate = Math.max(0, wanted - partition);
  const updated = numberAt(object, 'status', 'updatedReplicas');
  // The controller moves currentRevision only when all pods are updated, which takes a moment longer than the last
  // pod; a partition keeps it apart for good.
  if (updated < toUpdate || partition === 0) return progressing(`${updated} of ${toUpdate} pods updated`);
  return healthy(`${toUpdate} of ${wanted} pods updated, as the partition at ${partition} asks`);
}
