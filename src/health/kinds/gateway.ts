import { objectsAt, textAt } from '../../model/json.ts';
import type { JsonObject, KubeObject } from '../../model/object.ts';
import { condition, conditionIn, describeCondition } from '../conditions.ts';
import { failed, healthy, progressing, type Verdict } from '../verdict.ts';

/**
 * For Gateway, GatewayClass and ListenerSet: first `Accepted`, then `Programmed` (https://gateway-api.sigs.k8s.io/geps/gep-1364/).
 */
export function gatewayHealth(object: KubeObject): Verdict {
  const accepted = condition(object, 'Accepted');
  // The CRD defaults both conditions to Unknown with the reason Pending.
  if (!accepted || accepted.status === 'Unknown') return progressing('waiting for a controller of its class');
  // A listener's condition says which listener is invalid, and why.
  const listeners = objectsAt(object, 'status', 'listeners').map((one) => listenerHealth(object, one));
  const refused = listeners.find(({ state }) => state === 'failed');
  if (refused) return refused;
  if (accepted.status === 'False') return failed(describeCondition(accepted));
  if (object.kind === 'GatewayClass') return healthy('accepted');
  const programmed = condition(object, 'Programmed');
  if (programmed?.status === 'False' && programmed.reason === 'Invalid')
    return failed(describeCondition(programmed));
  const waiting = listeners.find(({ state }) => state === 'progressing');
  if (waiting) return waiting;
  if (programmed?.status === 'True') return healthy('programmed');
  return progressing(programmed ? describeCondition(programmed) : 'accepted, not programmed yet');
}

/**
 * A Gateway is accepted and programmed as soon as one of its listeners is, so every listener is checked
 * (https://gateway-api.sigs.k8s.io/reference/spec/#listenerconditiontype). A missing certificate is progressing: it is
 * often issued while its listener waits for it.
 */
function listenerHealth(gateway: KubeObject, listener: JsonObject): Verdict {
  const found = (type: string) => conditionIn(objectsAt(listener, 'conditions'), type, gateway);
  const name = `listener ${textAt(listener, 'name')}`;
  const conflicted = found('Conflicted');
  if (conflicted?.status === 'True') return failed(`${name}: ${describeCondition(conflicted)}`);
  const accepted = found('Accepted');
  if (accepted?.status === 'False' && accepted.reason !== 'Pending')
    return failed(`${name}: ${describeCondition(accepted)}`);
  const references = found('ResolvedRefs');
  if (references?.status === 'False') {
    const text = `${name}: ${describeCondition(references)}`;
    return references.reason === 'InvalidCertificateRef' ? progressing(text) : failed(text);
  }
  const programmed = found('Programmed');
  return programmed?.status === 'False'
    ? progressing(`${name}: ${describeCondition(programmed)}`)
    : healthy(name);
}
