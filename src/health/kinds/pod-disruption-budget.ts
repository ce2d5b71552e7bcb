import { numberAt } from '../../model/json.ts';
import type { KubeObject } from '../../model/object.ts';
import { condition, describeCondition, isUnobserved } from '../conditions.ts';
import { failed, healthy, progressing, type Verdict } from '../verdict.ts';

/**
 * Healthy as soon as the controller has counted pods. Too few ready pods are the health of the workload, and a workload
 * that is scaled to zero never has them.
 */
export function podDisruptionBudgetHealth(object: KubeObject): Verdict {
  if (isUnobserved(object, true)) return progressing('waiting for the disruption controller');
  const allowed = condition(object, 'DisruptionAllowed');
  if (allowed?.reason === 'SyncFailed') return failed(describeCondition(allowed));
  const count = (field: string) => numberAt(object, 'status', field);
  return healthy(`${count('currentHealthy')} of ${count('desiredHealthy')} guarded pods healthy`);
}
