import { counterpartFinder } from '../../model/entry-finder.ts';
import { type FieldPath, type Replacing, replaceAt } from '../../model/field-path.ts';
import type { JsonValue, KubeObject } from '../../model/object.ts';
import { keyFields } from '../diff/list-key.ts';

/**
 * The object without the fields at `ignored`: they are left as they are on the cluster. A list's entry that is not
 * live yet (a container that was added) is new, so it keeps them, as a new object does.
 */
export function leaveOut(wanted: KubeObject, live: KubeObject, ignored: FieldPath[]): KubeObject {
  return rewritten(wanted, live, ignored, () => undefined);
}

/** The object with what is live at `ignored`: it changes nothing there, whoever owns these fields. */
export function withLive(wanted: KubeObject, live: KubeObject, ignored: FieldPath[]): KubeObject {
  return rewritten(wanted, live, ignored, (_, now) => now);
}

function rewritten(
  wanted: KubeObject,
  live: KubeObject,
  ignored: FieldPath[],
  replace: Replacing['replace'],
): KubeObject {
  const replacing = { replace, counterpart: live, counterpartEntry: createCounterparts() };
  // The fields that identify the object cannot be ignored, so the result is an object still.
  return ignored.reduce((object, path) => replaceAt(object, path, replacing) as KubeObject, wanted);
}

/** Matches entries by the live list's key fields. Key fields that the file omits match any value: the API defaulted them. */
function createCounterparts(): NonNullable<Replacing['counterpartEntry']> {
  const finders = new WeakMap<JsonValue[], (entry: JsonValue) => number>();
  return (entry, counterparts) => {
    const find = finders.get(counterparts) ?? counterpartFinder(counterparts, keyFields(counterparts) ?? []);
    finders.set(counterparts, find);
    return counterparts[find(entry)];
  };
}
