import type { Masks } from '../../model/masks.ts';
import type { KubeObject } from '../../model/object.ts';

const longestQuote = 120;

/**
 * Removes long quotes and all masked values, in any encoding, of the object from a message. `live` is the state on the
 * cluster, whose values may be quoted too.
 */
export function redact(message: string, masks: Masks, object: KubeObject, live?: KubeObject): string {
  const hides = masks.hides(object);
  const shortened = message.replace(
    /Invalid value: (\{.*?\}|\[.*?\]|"(?:[^"\\]|\\.)*"|\S+): /gs,
    (quoted, value: string) => (hides || value.length > longestQuote ? '' : quoted),
  );
  return masks.text(shortened, object, live);
}
