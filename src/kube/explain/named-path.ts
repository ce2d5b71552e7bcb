import { segmentsOf } from '../../model/field-path.ts';
import { objectOf } from '../../model/json.ts';
import type { JsonValue, KubeObject } from '../../model/object.ts';
import { listKey } from '../diff/list-key.ts';

/**
 * A path as the API server counts it, as change sets and people write it: `spec.containers[3].image` is
 * `spec.containers[name=app].image`. Entries that nothing tells apart keep their number.
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
