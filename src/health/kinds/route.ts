import { objectAt, objectsAt, textAt, valueAt } from '../../model/json.ts';
import type { JsonObject, JsonValue, KubeObject } from '../../model/object.ts';
import { conditionIn, describeCondition } from '../conditions.ts';
import { failed, healthy, progressing, type Verdict } from '../verdict.ts';

/**
 * For HTTPRoute, GRPCRoute, TLSRoute, TCPRoute and UDPRoute. Each parent of a route has a status of its own
 * (https://gateway-api.sigs.k8s.io/reference/spec/#routeparentstatus). The status of a parent that the route no longer
 * names is ignored.
 */
export function routeHealth(object: KubeObject): Verdict {
  const wanted = objectsAt(object, 'spec', 'parentRefs');
  const statuses = objectsAt(object, 'status', 'parents');
  const verdicts = wanted.map((parent) => {
    const reported = statuses.filter((status) => isSame(objectAt(status, 'parentRef'), parent, object));
    return parentHealth(object, nameOf(parent), reported);
  });
  const bad = verdicts.find(({ state }) => state === 'failed');
  if (bad) return bad;
  const waiting = verdicts.find(({ state }) => state === 'progressing');
  if (waiting) return waiting;
  return healthy(`accepted by ${wanted.length} of ${wanted.length} parents`);
}

/** Several controllers may report a status for the same parent. */
function parentHealth(route: KubeObject, name: string, reported: JsonObject[]): Verdict {
  if (reported.length === 0) return progressing(`${name} has not reported a status`);
  for (const type of ['Accepted', 'ResolvedRefs']) {
    const found = reported.map((status) => conditionIn(objectsAt(status, 'conditions'), type, route));
    const refused = found.find((one) => one?.status === 'False');
    if (refused) return failed(`${name}: ${describeCondition(refused)}`);
    if (found.some((one) => !one || one.status === 'Unknown'))
      return progressing(`${name} has not reported ${type}`);
  }
  return healthy(name);
}

function nameOf(parent: JsonObject): string {
  const section = textAt(parent, 'sectionName');
  const name = `${textAt(parent, 'kind') || 'Gateway'} ${textAt(parent, 'name')}`;
  return section === '' ? name : `${name} (${section})`;
}

/** Compares two parent references with the API's defaults, which a status may omit. */
function isSame(one: JsonObject, other: JsonObject, route: KubeObject): boolean {
  const defaults: JsonObject = {
    group: 'gateway.networking.k8s.io',
    kind: 'Gateway',
    namespace: route.metadata.namespace ?? null,
  };
  const value = (parent: JsonObject, key: string): JsonValue => valueAt(parent, key) ?? defaults[key] ?? null;
  return ['group', 'kind', 'namespace', 'name', 'sectionName', 'port'].every(
    (key) => value(one, key) === value(other, key),
  );
}
