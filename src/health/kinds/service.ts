import { objectsAt, textAt } from '../../model/json.ts';
import type { KubeObject } from '../../model/object.ts';
import { healthy, progressing, type Verdict } from '../verdict.ts';

/**
 * A Service of type LoadBalancer is progressing until it has an address. On a cluster without a controller that
 * assigns one, use another type.
 */
export function serviceHealth(object: KubeObject): Verdict {
  if (textAt(object, 'spec', 'type') !== 'LoadBalancer') return healthy('no address to wait for');
  const [first] = objectsAt(object, 'status', 'loadBalancer', 'ingress');
  if (!first) return progressing('the load balancer has no address yet');
  return healthy(`reachable at ${textAt(first, 'ip') || textAt(first, 'hostname')}`);
}
