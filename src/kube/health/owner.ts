import type { JsonObject, KubeObject } from '../../model/object.ts';
import { at, listAt, objectAt, textAt } from './fields.ts';

export function uidOf(object: KubeObject): string {
  return textAt(object, 'metadata', 'uid');
}

/** Whether `owner` is the controller of `object`; a label that fits proves nothing. */
export function isOwnedBy(object: KubeObject, owner: KubeObject): boolean {
  return listAt(object, 'metadata', 'ownerReferences').some(
    (reference) => reference.controller === true && reference.uid === uidOf(owner),
  );
}

/** A label selector as the API takes it in a query (kubernetes.io/docs/concepts/overview/working-with-objects/labels). */
export function selectorText(selector: JsonObject): string {
  const labels = Object.entries(objectAt(selector, 'matchLabels')).map(
    ([key, value]) => `${key}=${String(value)}`,
  );
  const expressions = listAt(selector, 'matchExpressions').map((expression) => {
    const key = textAt(expression, 'key');
    const values = at(expression, 'values');
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

/** The pod template as if it were a pod, so that its environment's values can be masked. */
export function templatePod(object: KubeObject): KubeObject {
  if (object.kind === 'Pod') return object;
  return { apiVersion: 'v1', kind: 'Pod', metadata: {}, spec: objectAt(object, 'spec', 'template', 'spec') };
}
