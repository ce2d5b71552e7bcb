import type { KubeObject } from '../../model/object.ts';
import { condition, describeCondition } from '../conditions.ts';
import { failed, healthy, progressing, type Verdict } from '../verdict.ts';

/** https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/ */
export function customResourceDefinitionHealth(object: KubeObject): Verdict {
  const names = condition(object, 'NamesAccepted');
  if (names?.status === 'False') return failed(describeCondition(names));
  const established = condition(object, 'Established');
  if (established?.status === 'True') return healthy('established');
  return progressing(
    established ? describeCondition(established) : 'waiting for the API server to establish it',
  );
}
