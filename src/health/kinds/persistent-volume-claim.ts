import { objectAt, textAt, valueAt } from '../../model/json.ts';
import type { KubeObject } from '../../model/object.ts';
import { condition, describeCondition } from '../conditions.ts';
import { failed, failedPermanently, healthy, progressing, type Verdict } from '../verdict.ts';

/**
 * A claim of a class with `WaitForFirstConsumer` stays Pending until a pod uses it. Only the class shows that, not the
 * claim, so an unbound claim is inconclusive.
 */
export function persistentVolumeClaimHealth(object: KubeObject): Verdict {
  const phase = textAt(object, 'status', 'phase');
  if (phase === 'Lost')
    return failedPermanently(`its volume ${textAt(object, 'spec', 'volumeName')} is lost`);
  if (phase === 'Bound') return changeHealth(object);
  const classless = (valueAt(object, 'spec', 'storageClassName') ?? '') === '';
  const why = classless ? ': it has no storage class and needs a matching PersistentVolume' : '';
  return { ...progressing(`not bound to a volume yet${why}`), inconclusive: 'binding' };
}

/**
 * A release does not wait for a resize, which may take until the next pod mounts the volume. A resize or modification
 * that the driver reports as infeasible is a failure (https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/persistent-volume-claim-v1/).
 */
function changeHealth(object: KubeObject): Verdict {
  const resizes = Object.values(objectAt(object, 'status', 'allocatedResourceStatuses'));
  const error = ['ControllerResizeError', 'NodeResizeError', 'ModifyVolumeError']
    .map((type) => condition(object, type))
    .find((one) => one?.status === 'True');
  const why = error ? `: ${describeCondition(error)}` : '';
  if (resizes.some((state) => state === 'ControllerResizeInfeasible' || state === 'NodeResizeInfeasible')) {
    return failed(`its volume cannot be resized${why}`);
  }
  if (textAt(object, 'status', 'modifyVolumeStatus', 'status') === 'Infeasible') {
    return failed(`its volume cannot be changed to its VolumeAttributesClass${why}`);
  }
  return healthy(`bound to ${textAt(object, 'spec', 'volumeName')}`);
}
