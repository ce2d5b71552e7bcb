import type { KubeObject } from '../../model/object.ts';
import { condition, describeCondition } from '../conditions.ts';
import { healthy, progressing, type Verdict } from '../verdict.ts';

/** An unavailable API is progressing: its server usually starts in the same release. */
export function apiServiceHealth(object: KubeObject): Verdict {
  const available = condition(object, 'Available');
  if (available?.status === 'True') return healthy('available');
  return progressing(available ? describeCondition(available) : 'waiting for the API server to reach it');
}
