import { numberAt, textAt } from '../../model/json.ts';
import type { KubeObject } from '../../model/object.ts';
import { isUnobserved } from '../conditions.ts';
import { healthy, progressing, scaledToZero, type Verdict } from '../verdict.ts';

/** Counts in its status: https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/daemon-set-v1/ */
export function daemonSetHealth(object: KubeObject): Verdict {
  if (isUnobserved(object, true)) return progressing('waiting for the daemonset controller');
  const wanted = numberAt(object, 'status', 'desiredNumberScheduled');
  const updated = numberAt(object, 'status', 'updatedNumberScheduled');
  const ready = numberAt(object, 'status', 'numberReady');
  const available = numberAt(object, 'status', 'numberAvailable');
  if (wanted === 0) return scaledToZero('no node is selected');
  const onDelete = textAt(object, 'spec', 'updateStrategy', 'type') === 'OnDelete';
  if (updated < wanted && !onDelete) return progressing(`${updated} of ${wanted} pods updated`);
  if (ready < wanted) return progressing(`${ready} of ${wanted} pods ready`);
  if (available < wanted) return progressing(`${available} of ${wanted} pods available for minReadySeconds`);
  const note = updated < wanted ? '; OnDelete: pods run the new revision after they are deleted' : '';
  return healthy(`${wanted} of ${wanted} pods ready${note}`);
}
