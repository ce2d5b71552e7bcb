import { type FieldPath, type Replacing, replaceAt } from './field-path.ts';
import { createFieldMatcher, type FieldRule } from './field-rule.ts';
import { isObject } from './json.ts';
import { MASK } from './mask.ts';
import type { JsonValue, KubeObject } from './object.ts';

/** What nobody may see of objects: the data of Secrets, and the fields that rules name. */
export interface Masks {
  /** Whether anything of an object is hidden. */
  hides(object: KubeObject): boolean;
  /** The object with its hidden values sealed: whether two are equal can still be told. `unsealed` makes them MASK. */
  seal(object: KubeObject): KubeObject;
  /** The object without its hidden values. */
  without(object: KubeObject): KubeObject;
  /** A text without hidden values of these objects, in whatever form. */
  text(text: string, ...objects: (KubeObject | undefined)[]): string;
}

const sealMark = '\u0000sealed:';
const lastApplied = pathOf('metadata', 'annotations', 'kubectl.kubernetes.io/last-applied-configuration');
const secretPaths = [pathOf('data'), pathOf('stringData')];

/** Shorter values would mask half of every sentence. */
const shortest = 3;
/** Shorter lines of a text say nothing of it. */
const shortestLine = 6;

export function createMasks(rules: readonly FieldRule[] = []): Masks {
  const matcher = createFieldMatcher(rules);
  const pathsOf = (object: KubeObject): FieldPath[] => {
    const paths = [...(isSecret(object) ? secretPaths : []), ...matcher(object)];
    // kubectl's copy of the whole object is one of its annotations.
    return paths.length > 0 ? [...paths, lastApplied] : paths;
  };
  // What names an object is never hidden, so an object it stays.
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

/** Masks of Secrets alone. */
export const secretMasks: Masks = createMasks();

export function isSecret(object: { apiVersion: string; kind: string }): boolean {
  return object.kind === 'Secret' && object.apiVersion === 'v1';
}

/** Whether a value stands for a hidden one. */
export function isSealed(value: JsonValue | undefined): boolean {
  return typeof value === 'string' && value.startsWith(sealMark);
}

/** The value with MASK for everything sealed in it. */
export function unsealed(value: JsonValue | undefined): JsonValue | undefined {
  if (isSealed(value)) return MASK;
  if (Array.isArray(value)) return value.map((entry) => unsealed(entry) ?? null);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, unsealed(child) ?? null]));
}

function pathOf(...keys: string[]): FieldPath {
  return keys.map((key) => ({ kind: 'key', key }));
}

/** The keys of a map stay readable: that one came, went or changed is to be seen. */
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

/** Truth values are in every sentence, and tell nothing in it. */
function textsIn(value: JsonValue): string[] {
  if (typeof value === 'string' || typeof value === 'number') return [String(value)];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(textsIn);
}

/** The longest first, so that no part of one is left when another is within it. */
function withoutValues(text: string, values: string[]): string {
  const forms = [...new Set(values.flatMap(formsOf))]
    .filter((form) => form.length >= shortest)
    .sort((one, other) => other.length - one.length);
  return forms.reduce((masked, form) => withoutCut(masked.replaceAll(form, MASK), form), text);
}

function formsOf(value: string): string[] {
  const lines = value.split('\n').filter((line) => line.trim().length >= shortestLine);
  return [
    value,
    value.replaceAll(/\s+/g, ' ').trim(),
    JSON.stringify(value).slice(1, -1),
    Buffer.from(value, 'base64').toString(),
    Buffer.from(value).toString('base64'),
    ...lines,
  ];
}

/** Long messages were cut, with a value's beginning as what is left of it before the ellipsis. */
function withoutCut(text: string, form: string): string {
  let masked = text;
  for (let end = masked.indexOf('…'); end >= 0; end = masked.indexOf('…', end + 1)) {
    const longest = Math.min(form.length - 1, end);
    for (let length = longest; length >= shortestLine; length -= 1) {
      if (!masked.endsWith(form.slice(0, length), end)) continue;
      masked = `${masked.slice(0, end - length)}${MASK}${masked.slice(end)}`;
      end += MASK.length - length;
      break;
    }
  }
  return masked;
}
