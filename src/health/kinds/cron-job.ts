import { textAt, valueAt } from '../../model/json.ts';
import type { KubeObject } from '../../model/object.ts';
import { healthy, suspended, type Verdict } from '../verdict.ts';

/** Its Jobs run when their time comes, which no release waits for. */
export function cronJobHealth(object: KubeObject): Verdict {
  if (valueAt(object, 'spec', 'suspend') === true) return suspended('suspended');
  return healthy(`scheduled at ${textAt(object, 'spec', 'schedule')}`);
}
