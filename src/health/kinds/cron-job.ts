import { textAt, valueAt } from '../../model/json.ts';
import type { KubeObject } from '../../model/object.ts';
import { healthy, suspended, type Verdict } from '../verdict.ts';

/** Its Jobs run on their schedule; a release does not wait for them. */
export function cronJobHealth(object: KubeObject): Verdict {
  if (valueAt(object, 'spec', 'suspend') === true) return suspended('suspended');
  return healthy(`scheduled at ${textAt(object, 'spec', 'schedule')}`);
}
