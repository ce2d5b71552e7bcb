import { numberAt, optionalNumberAt, textAt } from '../../model/json.ts';
import type { KubeObject } from '../../model/object.ts';
import { isUnobserved } from '../conditions.ts';
import { healthy, progressing, scaledToZero, type Verdict } from '../verdict.ts';

/**
 * With `OnDelete`, old pods stay until somebody deletes them; below `partition`, they stay on purpose. A release waits
 * for neither
 * (https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#update-strategies).
 */
export function statefulSetHealth(object: KubeObject): Verdict {
  if (isUnobserved(object, true)) return progressing('waiting for the statefulset controller');
  const wanted = optionalNumberAt(object, 'spec', 'replicas') ?? 1;
  const running = numberAt(object, 'status', 'replicas');
  const ready = numberAt(object, 'status', 'readyReplicas');
  const available = optionalNumberAt(object, 'status', 'availableReplicas') ?? ready;
  if (running > wanted) return progressing(`${running} pods running, ${wanted} wanted`);
  if (ready < wanted) return progressing(`${ready} of ${wanted} pods ready`);
  if (available < wanted) return progressing(`${available} of ${wanted} pods available for minReadySeconds`);
  if (wanted === 0) return scaledToZero('scaled to zero');
  return updateHealth(object, wanted);
}

function updateHealth(object: KubeObject, wanted: number): Verdict {
  const current = textAt(object, 'status', 'currentRevision') === textAt(object, 'status', 'updateRevision');
  if (current) return healthy(`${wanted} of ${wanted} pods ready`);
  if (textAt(object, 'spec', 'updateStrategy', 'type') === 'OnDelete') {
    return healthy(
      `${wanted} of ${wanted} pods ready; OnDelete: pods run the new revision after they are deleted`,
    );
  }
  const partition = numberAt(object, 'spec', 'updateStrategy', 'rollingUpdate', 'partition');
  const toUpdate = Math.max(0, wanted - partition);
  const updated = numberAt(object, 'status', 'updatedReplicas');
  // The controller changes currentRevision only after all pods are updated, a moment after the last one is. With a
  // partition, currentRevision never changes.
  if (updated < toUpdate || partition === 0) return progressing(`${updated} of ${toUpdate} pods updated`);
  return healthy(`${toUpdate} of ${wanted} pods updated; partition ${partition} keeps the rest`);
}
