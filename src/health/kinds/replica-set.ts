import { numberAt, optionalNumberAt } from '../../model/json.ts';
import type { KubeObject } from '../../model/object.ts';
import { condition, describeCondition, isUnobserved } from '../conditions.ts';
import { failed, healthy, progressing, scaledToZero, type Verdict } from '../verdict.ts';

/** For ReplicaSet and ReplicationController, which have the same status. */
export function replicaSetHealth(object: KubeObject): Verdict {
  if (isUnobserved(object, true)) return progressing('waiting for its controller');
  const refused = condition(object, 'ReplicaFailure');
  if (refused?.status === 'True') return failed(describeCondition(refused));
  const wanted = optionalNumberAt(object, 'spec', 'replicas') ?? 1;
  const running = numberAt(object, 'status', 'replicas');
  const ready = numberAt(object, 'status', 'readyReplicas');
  const available = numberAt(object, 'status', 'availableReplicas');
  if (running > wanted) return progressing(`${running} pods running, ${wanted} wanted`);
  if (ready < wanted) return progressing(`${ready} of ${wanted} pods ready`);
  if (available < wanted) return progressing(`${available} of ${wanted} pods available for minReadySeconds`);
  return wanted === 0 ? scaledToZero('scaled to zero') : healthy(`${wanted} of ${wanted} pods ready`);
}
