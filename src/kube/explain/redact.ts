import type { Masks } from '../../model/masks.ts';
import type { KubeObject } from '../../model/object.ts';

const longestQuote = 120;

/**
 * A message without any hidden value of the object it is about, in whatever form, and without pages of quoted objects.
 * `live` is the object as it was found, whose values are quoted too.
 */
export function redact(message: string, masks: Masks, object: KubeObject, live?: KubeObject): string {
  const hides = masks.hides(object);
  const short = message.replace(
    /Invalid value: (\{.*?\}|\[.*?\]|"(?:[^"\\]|\\.)*"|\S+): /gs,
    (quoted, value: string) => (hides || value.length > longestQuote ? '' : quoted),
  );
  return masks.text(short, object, live);
}
