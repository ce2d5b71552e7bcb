import { textAt } from '../../model/json.ts';
import type { KubeObject } from '../../model/object.ts';
import { healthy, terminating, type Verdict } from '../verdict.ts';

export function namespaceHealth(object: KubeObject): Verdict {
  return textAt(object, 'status', 'phase') === 'Terminating'
    ? terminating('is being deleted')
    : healthy('active');
}
