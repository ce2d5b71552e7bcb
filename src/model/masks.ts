import { type FieldPath, type Replacing, replaceAt } from './field-path.ts';
import { createFieldMatcher, type FieldRule } from './field-rule.ts';
import { isObject } from './json.ts';
import type { JsonValue, KubeObject } from './object.ts';

/** Hides values of objects that nobody may see: the data of Secrets, and the fields that rules select. */
export interface Masks {
  /** Whether an object has hidden values. */
  hides(object: KubeObject): boolean;
  /** The object with its hidden values sealed: they can still be compared. `unsealed` turns them into MASK. */
  seal(object: KubeObject): KubeObject;
  /** The object without its hidden values. */
  without(object: KubeObject): KubeObject;
  /** The text with MASK for hidden values of these objects, in every form: whole, by line, encoded or cut. */
  text(text: string, ...objects: (KubeObject | undefined)[]): string;
}

/** Shown in place of a hidden value. */
export const MASK = '***';

const sealMark = '\u0000sealed:';
const lastApplied = pathOf('metadata', 'annotations', 'kubectl.kubernetes.io/last-applied-configuration');
const secretPaths = [pathOf('data'), pathOf('stringData')];

/** Shorter values are not masked in texts: too many words contain them. */
const MIN_LENGTH = 3;
/** Shorter lines and beginnings of a value are not masked: they reveal nothing of it. */
const MIN_PART_LENGTH = 6;

export function createMasks(rules: readonly FieldRule[] = []): Masks {
  const matcher = createFieldMatcher(rules);
  const pathsOf = (object: KubeObject): FieldPath[] => {
    const paths = [...(isSecret(object) ? secretPaths : []), ...matcher(object)];
    // kubectl stores a copy of the whole object in an annotation.
    return paths.length > 0 ? [...paths, lastApplied] : paths;
  };
  // Rules cannot select what identifies an object, so the result is still an object.
  const replaced = (object: KubeObject, replace: Replacing['replace']) =>
    pathsOf(object).reduce((changed, path) => replaceAt(changed, path, { replace }) as KubeObject, object);
  return {
    hides: (object) => pathsOf(object).length > 0,
    seal: (object) => replaced(object, sealOf),
    without: (object) => replaced(object, () => undefined),
    text(text, ...objects) {
      const values = objects.flatMap((object) =>
        object ? pathsOf(object).flatMap((path) => valuesAt(object, path)) : [],
      );
      return withoutValues(text, values);
    },
  };
}

/** Hides the data of Secrets only. */
export const secretMasks: Masks = createMasks();

export function isSecret(object: { apiVersion: string; kind: string }): boolean {
  return object.kind === 'Secret' && object.apiVersion === 'v1';
}

/** Whether `seal` has sealed the value. */
export function isSealed(value: JsonValue | undefined): boolean {
  return typeof value === 'string' && value.startsWith(sealMark);
}

/** The value with MASK in place of every sealed value. */
export function unsealed(value: JsonValue | undefined): JsonValue | undefined {
  if (isSealed(value)) return MASK;
  if (Array.isArray(value)) return value.map((entry) => unsealed(entry) ?? null);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, unsealed(child) ?? null]));
}

function pathOf(...keys: string[]): FieldPath {
  return keys.map((key) => ({ kind: 'key', key }));
}

/** The keys of a map stay readable, so that a diff shows which were added, removed or changed. */
function sealOf(value: JsonValue): JsonValue {
  if (isObject(value))
    return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, sealText(child)]));
  return sealText(value);
}

function sealText(value: JsonValue): string {
  return isSealed(value) ? String(value) : `${sealMark}${JSON.stringify(value)}`;
}

function valuesAt(object: KubeObject, path: FieldPath): string[] {
  const found: string[] = [];
  replaceAt(object, path, {
    replace(value) {
      found.push(...textsIn(value));
      return value;
    },
  });
  return found;
}

/** Without booleans: masking every `true` would reveal more than it hides. */
function textsIn(value: JsonValue): string[] {
  if (typeof value === 'string' || typeof value === 'number') return [String(value)];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(textsIn);
}

/** Masks the longest values first, so that no rest of a value remains if another is part of it. */
function withoutValues(text: string, values: string[]): string {
  const forms = [...new Set(values.flatMap(formsOf))]
    .filter((form) => form.length >= MIN_LENGTH)
    .sort((one, other) => other.length - one.length);
  return forms.reduce((masked, form) => withoutCut(masked.replaceAll(form, MASK), form), text);
}

function formsOf(value: string): string[] {
  const lines = value.split('\n').filter((line) => line.trim().length >= MIN_PART_LENGTH);
  return [
    value,
    value.replaceAll(/\s+/g, ' ').trim(),
    JSON.stringify(value).slice(1, -1),
    Buffer.from(value, 'base64').toString(),
    Buffer.from(value).toString('base64'),
    ...lines,
  ];
}

/** Masks the beginning of a value before an ellipsis, where a long message was cut. */
function withoutCut(text: string, form: string): string {
  let masked = text;
  for (let end = masked.indexOf('…'); end >= 0; end = masked.indexOf('…', end + 1)) {
    const longest = Math.min(form.length - 1, end);
    for (let length = longest; length >= MIN_PART_LENGTH; length -= 1) {
      if (!masked.endsWith(form.slice(0, length), end)) continue;
      masked = `${masked.slice(0, end - length)}${MASK}${masked.slice(end)}`;
      end += MASK.length - length;
      break;
    }
  }
  return masked;
}
