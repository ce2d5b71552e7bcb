import type { KubeObject } from '../../model/object.ts';
import { condition, say } from './conditions.ts';
import { failed, healthy, progressing, type Verdict } from './verdict.ts';

/** Accepted, then Programmed: https://gateway-api.sigs.k8s.io/geps/gep-1364/. For Gateway and GatewayClass. */
export function gatewayHealth(object: KubeObject): Verdict {
  const accepted = condition(object, 'Accepted');
  // Both start as Unknown with the reason Pending: defaults that stand in the CRD.
  if (!accepted || accepted.status === 'Unknown') return progressing('waiting for a controller of its class');
  if (accepted.status === 'False') return failed(say(accepted));
  if (object.kind === 'GatewayClass') return healthy('accepted');
  const programmed = condition(object, 'Programmed');
  if (programmed?.status === 'True') return healthy('programmed');
  if (programmed?.status === 'False' && programmed.reason === 'Invalid') return failed(say(programmed));
  return progressing(programmed ? say(programmed) : 'accepted, not programmed yet');
}
