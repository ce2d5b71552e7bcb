import { SlipwayError } from '../errors.ts';
import { type RenderedObject, refKey, refOf } from '../model/object.ts';
import { describePlace } from '../model/source-place.ts';

/**
 * Two objects of one name would overwrite one another in turn. Equal copies are dropped, different ones refused with
 * both places. Throws OBJECT_INVALID.
 */
export function dropRepeated(objects: RenderedObject[], namespace: string): RenderedObject[] {
  const seen = new Map<string, RenderedObject>();
  return objects.filter((each) => {
    const ref = refOf(each.object);
    const key = refKey({ ...ref, namespace: ref.namespace ?? namespace });
    const first = seen.get(key);
    if (first === undefined || ref.name === '') {
      seen.set(key, each);
      return true;
    }
    if (JSON.stringify(first.object) === JSON.stringify(each.object)) return false;
    const summary = `it is written twice; the other is in ${describePlace(first.source)}`;
    throw new SlipwayError('OBJECT_INVALID', summary, { place: each.source, object: ref });
  });
}
