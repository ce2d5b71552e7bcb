import { objectAt, textAt, valueAt } from '../../model/json.ts';
import type { KubeObject } from '../../model/object.ts';
import { condition, describeCondition } from '../conditions.ts';
import { failed, failedPermanently, healthy, progressing, type Verdict } from '../verdict.ts';

/**
 * A claim of a class with `WaitForFirstConsumer` stays Pending until a pod uses it; that is seen from the class
 * and not from the claim.
 */
export function persistentVolumeClaimHealth(object: KubeObject): Verdict {
  const phase = textAt(object, 'status', 'phase');
  if (phase === 'Lost')
    return failedPermanently(`its volume ${textAt(object, 'spec', 'volumeName')} is lost`);
  if (phase === 'Bound') return changeHealth(object);
  const classless = (valueAt(object, 'spec', 'storageClassName') ?? '') === '';
  const why = classless ? ': it names no storage class, so a volume that fits it must be there' : '';
  return { ...progressing(`not bound to a volume yet${why}`), inconclusive: 'binding' };
}

/**
 * A volume is made larger while it is used, which may take until its next pod and is not waited for; that it cannot be
 * is said (https://kubernetes.io/docs/reference/kubernetes-api/config-and-storage-resources/persistent-volume-claim-v1/).
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
    return failed(`its volume cannot be given the attributes of its class${why}`);
  }
  return healthy(`bound to ${textAt(object, 'spec', 'volumeName')}`);
}
