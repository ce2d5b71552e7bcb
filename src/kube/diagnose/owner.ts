import { objectAt, objectsAt, textAt, valueAt } from '../../model/json.ts';
import type { JsonObject, KubeObject } from '../../model/object.ts';

export function uidOf(object: KubeObject): string {
  return textAt(object, 'metadata', 'uid');
}

/** Whether `owner` is the controller of `object`. Matching labels are not enough. */
export function isOwnedBy(object: KubeObject, owner: KubeObject): boolean {
  return objectsAt(object, 'metadata', 'ownerReferences').some(
    (reference) => reference.controller === true && reference.uid === uidOf(owner),
  );
}

/** A label selector in the syntax of the API's query parameter (kubernetes.io/docs/concepts/overview/working-with-objects/labels). */
export function selectorText(selector: JsonObject): string {
  const labels = Object.entries(objectAt(selector, 'matchLabels')).map(
    ([key, value]) => `${key}=${String(value)}`,
  );
  const expressions = objectsAt(selector, 'matchExpressions').map((expression) => {
    const key = textAt(expression, 'key');
    const values = valueAt(expression, 'values');
    const list = Array.isArray(values) ? values.join(',') : '';
    const forms: Record<string, string> = {
      In: `${key} in (${list})`,
      NotIn: `${key} notin (${list})`,
      Exists: key,
      DoesNotExist: `!${key}`,
    };
    return forms[textAt(expression, 'operator')] ?? key;
  });
  return [...labels, ...expressions].join(',');
}

/**
 * Whether labels match every requirement of a label selector
 * (https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/label-selector/).
 */
export function selects(selector: JsonObject, labels: JsonObject): boolean {
  const equal = Object.entries(objectAt(selector, 'matchLabels')).every(
    ([key, value]) => labels[key] === value,
  );
  return equal && objectsAt(selector, 'matchExpressions').every((expression) => matches(expression, labels));
}

/** `NotIn` also matches labels without the key. */
function matches(expression: JsonObject, labels: JsonObject): boolean {
  const label = labels[textAt(expression, 'key')];
  const values = valueAt(expression, 'values');
  const isListed = Array.isArray(values) && label !== undefined && values.includes(label);
  switch (textAt(expression, 'operator')) {
    case 'In':
      return isListed;
    case 'NotIn':
      return !isListed;
    case 'DoesNotExist':
      return label === undefined;
    default:
      return label !== undefined;
  }
}

/** The pod template as if it were a pod, so that its environment's values can be masked. */
export function templatePod(object: KubeObject): KubeObject {
  if (object.kind === 'Pod') return object;
  return { apiVersion: 'v1', kind: 'Pod', metadata: {}, spec: objectAt(object, 'spec', 'template', 'spec') };
}
