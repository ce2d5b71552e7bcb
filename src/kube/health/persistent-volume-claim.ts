import type { KubeObject } from '../../model/object.ts';
import { textAt } from './fields.ts';
import { failedForGood, healthy, progressing, type Verdict } from './verdict.ts';

/**
 * A claim of a class with `WaitForFirstConsumer` stays Pending until a pod uses it; that is seen from the class
 * and not from the claim.
 */
export function persistentVolumeClaimHealth(object: KubeObject): Verdict {
  const phase = textAt(object, 'status', 'phase');
  if (phase === 'Bound') return healthy(`bound to ${textAt(object, 'spec', 'volumeName')}`);
  if (phase === 'Lost') return failedForGood(`its volume ${textAt(object, 'spec', 'volumeName')} is lost`);
  return { ...progressing('not bound to a volume yet'), unsure: 'binding' };
}
