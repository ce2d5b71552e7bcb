import type { JsonObject, KubeObject } from '../../model/object.ts';
import { conditionIn, say } from './conditions.ts';
import { listAt, textAt } from './fields.ts';
import { failed, healthy, progressing, type Verdict } from './verdict.ts';

/**
 * Every parent a route names answers for itself: https://gateway-api.sigs.k8s.io/reference/spec/#routeparentstatus.
 * For HTTPRoute, GRPCRoute, TLSRoute, TCPRoute and UDPRoute.
 */
export function routeHealth(object: KubeObject): Verdict {
  const wanted = listAt(object, 'spec', 'parentRefs').length;
  const answers = listAt(object, 'status', 'parents').map((parent) => parentHealth(object, parent));
  const bad = answers.find((answer) => answer.state === 'failed');
  if (bad) return bad;
  const waiting = answers.find((answer) => answer.state === 'progressing');
  if (waiting) return waiting;
  if (answers.length < wanted) return progressing(`${answers.length} of ${wanted} parents have answered`);
  return healthy(`accepted by ${answers.length} of ${wanted} parents`);
}

function parentHealth(route: KubeObject, parent: JsonObject): Verdict {
  const name = `${textAt(parent, 'parentRef', 'kind') || 'Gateway'} ${textAt(parent, 'parentRef', 'name')}`;
  for (const type of ['Accepted', 'ResolvedRefs']) {
    const found = conditionIn(listAt(parent, 'conditions'), type, route);
    if (!found || found.status === 'Unknown') return progressing(`${name} has not answered ${type}`);
    if (found.status === 'False') return failed(`${name}: ${say(found)}`);
  }
  return healthy(name);
}
