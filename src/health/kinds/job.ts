import { numberAt, optionalNumberAt, valueAt } from '../../model/json.ts';
import type { KubeObject } from '../../model/object.ts';
import { condition, describeCondition } from '../conditions.ts';
import { failedPermanently, healthy, progressing, suspended, type Verdict } from '../verdict.ts';

/** Progressing until it completes. Kstatus calls a running Job Current, but a release needs its result. */
export function jobHealth(object: KubeObject): Verdict {
  const failure = condition(object, 'Failed');
  if (failure?.status === 'True') return failedPermanently(describeCondition(failure));
  const succeeded = numberAt(object, 'status', 'succeeded');
  if (condition(object, 'Complete')?.status === 'True') {
    return healthy(`completed: ${succeeded} ${succeeded === 1 ? 'pod' : 'pods'} succeeded`);
  }
  if (valueAt(object, 'spec', 'suspend') === true) return suspended('suspended');
  const wanted = optionalNumberAt(object, 'spec', 'completions') ?? 1;
  const failures = numberAt(object, 'status', 'failed');
  const tries = (optionalNumberAt(object, 'spec', 'backoffLimit') ?? 6) + 1;
  const soFar = failures > 0 ? `, ${failures} of at most ${tries} tries failed` : '';
  return progressing(
    `${succeeded} of ${wanted} pods succeeded, ${numberAt(object, 'status', 'active')} running${soFar}`,
  );
}
