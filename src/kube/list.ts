import type { JsonObject, KubeObject } from '../model/object.ts';
import { asObject, listAt, textAt } from './health/fields.ts';

/** A list's items with the apiVersion and kind that single objects have and the items of lists leave out. */
export function itemsOf(list: JsonObject): KubeObject[] {
  const apiVersion = textAt(list, 'apiVersion');
  const kind = textAt(list, 'kind').replace(/List$/, '');
  return listAt(list, 'items').map((item) => ({
    apiVersion,
    kind,
    ...item,
    metadata: asObject(item.metadata) ?? {},
  }));
}
