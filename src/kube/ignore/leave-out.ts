import { counterpartFinder } from '../../model/entry-finder.ts';
import { type FieldPath, type Replacing, replaceAt } from '../../model/field-path.ts';
import { isObject } from '../../model/json.ts';
import type { JsonObject, JsonValue, KubeObject } from '../../model/object.ts';
import { keyFields } from '../diff/list-key.ts';

/**
 * The object without the fields at `ignored`: they are left as they are on the cluster. A list's entry that is not
 * live yet (a container that was added) is new, so it keeps them, as a new object does.
 */
export function leaveOut(wanted: KubeObject, live: KubeObject, ignored: FieldPath[]): KubeObject {
  return rewritten(wanted, live, ignored, () => undefined);
}

/**
 * The object with what is live at `ignored`: it changes nothing there, whoever owns these fields. A field that the file
 * does not have is added if it is outside of lists.
 */
export function withLive(wanted: KubeObject, live: KubeObject, ignored: FieldPath[]): KubeObject {
  const replaced = rewritten(wanted, live, ignored, (_, now) => now);
  return ignored.reduce((object, path) => withLiveAt(object, live, path), replaced);
}

function withLiveAt<T extends JsonObject>(object: T, live: JsonObject, [step, ...rest]: FieldPath): T {
  if (step?.kind !== 'key') return object;
  const { [step.key]: now } = live;
  if (now === undefined) return object;
  const own = object[step.key];
  if (rest.length === 0) return own === undefined ? { ...object, [step.key]: now } : object;
  if (!isObject(now) || !isObject(own)) return object;
  return { ...object, [step.key]: withLiveAt(own, now, rest) };
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
