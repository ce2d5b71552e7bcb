import { objectsAt, textAt } from '../../model/json.ts';
import type { KubeObject } from '../../model/object.ts';
import { healthy, progressing, type Verdict } from '../verdict.ts';

/**
 * A load balancer without an address is not reachable, so it is waited for. Its address is the one promise the
 * type makes; a cluster without such a controller should use another type.
 */
export function serviceHealth(object: KubeObject): Verdict {
  if (textAt(object, 'spec', 'type') !== 'LoadBalancer') return healthy('no address to wait for');
  const [first] = objectsAt(object, 'status', 'loadBalancer', 'ingress');
  if (!first) return progressing('the load balancer has no address yet');
  return healthy(`reachable at ${textAt(first, 'ip') || textAt(first, 'hostname')}`);
}
