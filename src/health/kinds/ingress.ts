import { objectsAt, textAt } from '../../model/json.ts';
import type { KubeObject } from '../../model/object.ts';
import { assumedHealthy, healthy, type Verdict } from '../verdict.ts';

/**
 * Controllers publish an address only if an option is set (`--publish-service`, `publishedService`), so a missing
 * address alone is no reason to wait. A release waits for it only if another Ingress of the class has one.
 */
export function ingressHealth(object: KubeObject): Verdict {
  const [first] = objectsAt(object, 'status', 'loadBalancer', 'ingress');
  if (!first) return assumedHealthy('no address is published');
  return healthy(`reachable at ${textAt(first, 'ip') || textAt(first, 'hostname')}`);
}
