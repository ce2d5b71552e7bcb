import { numberAt, optionalNumberAt, valueAt } from '../../model/json.ts';
import type { KubeObject } from '../../model/object.ts';
import { condition, describeCondition, isUnobserved } from '../conditions.ts';
import { failed, healthy, progressing, scaledToZero, suspended, type Verdict } from '../verdict.ts';

/**
 * Healthy if every replica is of the new revision and available, and no old replica is left, as
 * `kubectl rollout status` decides (https://github.com/kubernetes/kubectl/blob/master/pkg/polymorphichelpers/rollout_status.go).
 */
export function deploymentHealth(object: KubeObject): Verdict {
  if (isUnobserved(object, true)) return progressing('waiting for the deployment controller');
  if (valueAt(object, 'spec', 'paused') === true) return suspended('rollout is paused');
  const progress = condition(object, 'Progressing');
  if (progress?.reason === 'ProgressDeadlineExceeded') return failed(describeCondition(progress));
  const refused = condition(object, 'ReplicaFailure');
  if (refused?.status === 'True') return failed(describeCondition(refused));
  return rolloutHealth(object);
}

function rolloutHealth(object: KubeObject): Verdict {
  const wanted = optionalNumberAt(object, 'spec', 'replicas') ?? 1;
  const updated = numberAt(object, 'status', 'updatedReplicas');
  const available = numberAt(object, 'status', 'availableReplicas');
  const old = numberAt(object, 'status', 'replicas') - updated;
  if (updated < wanted) return progressing(`${updated} of ${wanted} pods updated`);
  if (old > 0) return progressing(`${old} old ${old === 1 ? 'pod' : 'pods'} still running`);
  if (updated > wanted) return progressing(`${updated} pods running, ${wanted} wanted`);
  if (available < wanted) return progressing(notAvailable(object, wanted, available));
  return wanted === 0 ? scaledToZero('scaled to zero') : healthy(`${wanted} of ${wanted} pods ready`);
}

function notAvailable(object: KubeObject, wanted: number, available: number): string {
  const ready = numberAt(object, 'status', 'readyReplicas');
  if (ready < wanted) return `${ready} of ${wanted} pods ready`;
  return `${available} of ${wanted} pods available for minReadySeconds`;
}
