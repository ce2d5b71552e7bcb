import { type FieldPath, type Replacing, replaceAt } from '../../model/field-path.ts';
import { isObject } from '../../model/json.ts';
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
  const replacing = { replace, counterpart: live, counterpartEntry };
  // The fields that identify the object cannot be ignored, so the result is an object still.
  return ignored.reduce((object, path) => replaceAt(object, path, replacing) as KubeObject, wanted);
}

/** Matches entries by the live list's key fields. Key fields that the file omits match any value: the API defaulted them. */
function counterpartEntry(entry: JsonValue, counterparts: JsonValue[]): JsonValue | undefined {
  const fields = keyFields(counterparts);
  if (!isObject(entry) || !fields?.some((field) => field in entry)) return undefined;
  return counterparts.find(
    (counterpart) =>
      isObject(counterpart) &&
      fields.every((field) => !(field in entry) || entry[field] === counterpart[field]),
  );
}
