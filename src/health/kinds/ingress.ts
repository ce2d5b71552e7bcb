import { objectsAt, textAt } from '../../model/json.ts';
import type { KubeObject } from '../../model/object.ts';
import { assumedHealthy, healthy, type Verdict } from '../verdict.ts';

/**
 * Publishing an address is a controller's option (`--publish-service`, `publishedService`), and many that serve
 * well never do: so a missing address alone is no reason to wait until the timeout. It is waited for only where
 * another Ingress of the class has one.
 */
export function ingressHealth(object: KubeObject): Verdict {
  const [first] = objectsAt(object, 'status', 'loadBalancer', 'ingress');
  if (!first) return assumedHealthy('no address is published');
  return healthy(`reachable at ${textAt(first, 'ip') || textAt(first, 'hostname')}`);
}
