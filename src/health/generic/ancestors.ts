import { objectsAt, textAt } from '../../model/json.ts';
import type { KubeObject } from '../../model/object.ts';
import { conditionIn, describeCondition } from '../conditions.ts';
import { failed, healthy, progressing, type Verdict } from '../verdict.ts';

/**
 * Health of a policy that is attached to objects of the Gateway API: each ancestor, usually a Gateway, has accepted it or
 * not (https://gateway-api.sigs.k8s.io/reference/spec/#policyancestorstatus), and resolves what the policy refers to. A
 * target that does not exist may be deployed beside the policy. Undefined if no ancestor has reported.
 */
export function policyHealth(object: KubeObject): Verdict | undefined {
  const reports = objectsAt(object, 'status', 'ancestors')
    .map((ancestor) => objectsAt(ancestor, 'conditions'))
    .filter((conditions) => conditions.some((entry) => textAt(entry, 'type') === 'Accepted'));
  if (reports.length === 0) return undefined;
  const found = reports.map((conditions) => conditionIn(conditions, 'Accepted', object));
  const refused = found.find((one) => one?.status === 'False' && one.reason !== 'TargetNotFound');
  if (refused) return failed(describeCondition(refused));
  const unresolved = reports
    .map((conditions) => conditionIn(conditions, 'ResolvedRefs', object))
    .find((one) => one?.status === 'False');
  if (unresolved) return failed(describeCondition(unresolved));
  const waiting = found.findIndex((one) => one?.status !== 'True');
  if (waiting === -1) return healthy(`accepted by ${found.length} of ${found.length} ancestors`);
  const open = found[waiting];
  return progressing(open ? describeCondition(open) : 'waiting for its controller');
}
