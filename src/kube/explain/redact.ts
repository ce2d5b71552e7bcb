import { MASK } from '../../model/mask.ts';
import type { JsonValue, KubeObject } from '../../model/object.ts';
import { isSecret } from '../diff/secrets.ts';
import { isObject } from '../json.ts';

const longestQuote = 120;

/** A message without any value of the Secret it is about, in whatever form, and without pages of quoted objects. */
export function redact(message: string, object: KubeObject): string {
  const short = message.replace(
    /Invalid value: (\{.*?\}|\[.*?\]|"(?:[^"\\]|\\.)*"): /gs,
    (quoted, value: string) => (isSecret(object) || value.length > longestQuote ? '' : quoted),
  );
  if (!isSecret(object)) return short;
  const values = [...texts(object.data), ...texts(object.stringData)];
  return values.reduce((text, value) => text.replaceAll(value, MASK), short);
}

/** The longest first, so that no part of one is left when another is within it. */
function texts(data: JsonValue | undefined): string[] {
  if (!isObject(data)) return [];
  const values = Object.values(data).map((value) =>
    typeof value === 'string' ? value : JSON.stringify(value),
  );
  const forms = values.flatMap((value) => [value, Buffer.from(value, 'base64').toString()]);
  return forms.filter((value) => value.length > 2).sort((one, other) => other.length - one.length);
}
