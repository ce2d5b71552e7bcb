import { segmentsOf } from '../../model/field-path.ts';
import { objectOf } from '../../model/json.ts';
import type { JsonValue, KubeObject } from '../../model/object.ts';
import { listKey } from '../diff/list-key.ts';

/**
 * Replaces the indexes of a path by keys, as in change sets: `spec.containers[3].image` becomes
 * `spec.containers[name=app].image`. Entries without a unique key keep their index.
 */
export function namedPath(field: string, object: KubeObject): string {
  let value: JsonValue | undefined = object;
  let path = '';
  for (const segment of segmentsOf(field)) {
    const key = segment.replace(/^\[(.*)\]$/, '$1');
    if (Array.isArray(value)) {
      const entry: JsonValue | undefined = value[Number(key)];
      const name = entry === undefined ? undefined : listKey(value)?.(entry);
      path += `[${name ?? key}]`;
      value = entry;
    } else {
      path += segment.startsWith('[') || path === '' ? segment : `.${segment}`;
      value = objectOf(value)[key];
    }
  }
  return path;
}
