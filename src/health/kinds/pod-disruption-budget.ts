import { numberAt } from '../../model/json.ts';
import type { KubeObject } from '../../model/object.ts';
import { condition, describeCondition, isUnobserved } from '../conditions.ts';
import { failed, healthy, progressing, type Verdict } from '../verdict.ts';

/**
 * Healthy as soon as the controller has counted. That fewer pods are ready than it guards is the workload's
 * health, and for a workload scaled to zero it stays so for good.
 */
export function podDisruptionBudgetHealth(object: KubeObject): Verdict {
  if (isUnobserved(object, true)) return progressing('waiting for the disruption controller');
  const allowed = condition(object, 'DisruptionAllowed');
  if (allowed?.reason === 'SyncFailed') return failed(describeCondition(allowed));
  const count = (field: string) => numberAt(object, 'status', field);
  return healthy(`${count('currentHealthy')} of ${count('desiredHealthy')} guarded pods healthy`);
}
