import type { JsonObject, JsonValue } from './object.ts';

/** One step from a value into it. */
export type FieldStep =
  | { kind: 'key'; key: string }
  /** The entry of a list whose fields have these values, compared as text. */
  | { kind: 'entry'; fields: [name: string, value: string][] }
  | { kind: 'index'; index: number }
  /** Every entry of a list, or every key of a map. */
  | { kind: 'any' };

/** The path of a field, as change sets show it: `spec.template.spec.containers[name=app].image`. */
export type FieldPath = FieldStep[];

const MAX_LENGTH = 500;

/** `spec.containers[name=app].image` → `spec`, `containers`, `[name=app]`, `image`. */
export function segmentsOf(path: string): string[] {
  return path.match(/\[[^\]]*\]|[^.[\]]+/g) ?? [];
}

/** The steps of a path, or what is wrong with it as a phrase that follows the path: `has quotes in brackets: …`. */
export function parseFieldPath(text: string): FieldPath | string {
  if (text.length > MAX_LENGTH) return `has more than ${MAX_LENGTH} characters`;
  if (!/^(?:[^.[\]]+|\[[^[\]]+\])(?:\.[^.[\]]+|\[[^[\]]+\])*$/.test(text)) {
    return 'is not the path of a field: write it as change sets show it, such as spec.template.spec.containers[name=app].image';
  }
  const steps: FieldPath = [];
  for (const segment of segmentsOf(text)) {
    const step = parseStep(segment);
    if (typeof step === 'string') return step;
    steps.push(step);
  }
  return steps;
}

function parseStep(segment: string): FieldStep | string {
  if (!segment.startsWith('[')) {
    if (/^[\w-]+$/.test(segment)) return { kind: 'key', key: segment };
    return 'has an invalid field name: separate fields by dots, and put a key with other characters in brackets, such as metadata.annotations[example.com/team]';
  }
  const inner = segment.slice(1, -1);
  if (/["']/.test(inner))
    return 'has quotes in brackets: write [name=app], and metadata.annotations[example.com/team]';
  if (inner === '*') return { kind: 'any' };
  if (/^\d+$/.test(inner)) return { kind: 'index', index: Number(inner) };
  if (!/^\w+=/.test(inner)) return { kind: 'key', key: inner };
  return { kind: 'entry', fields: inner.split(/,(?=\w+=)/).map(parsePair) };
}

function parsePair(text: string): [string, string] {
  const at = text.indexOf('=');
  return [text.slice(0, at), text.slice(at + 1)];
}

/** The inverse of `parseFieldPath`. */
export function formatFieldPath(path: FieldPath): string {
  return path.reduce((text, step) => `${text}${formatStep(step, text === '')}`, '');
}

function formatStep(step: FieldStep, first: boolean): string {
  if (step.kind === 'any') return '[*]';
  if (step.kind === 'index') return `[${step.index}]`;
  if (step.kind === 'entry') return `[${step.fields.map((pair) => pair.join('=')).join(',')}]`;
  if (!/^[\w-]+$/.test(step.key)) return `[${step.key}]`;
  return first ? step.key : `.${step.key}`;
}

/** Whether a step selects this key of a map. */
export function matchesKey(step: FieldStep, key: string): boolean {
  return step.kind === 'any' || (step.kind === 'key' && step.key === key);
}

/** Whether a step selects this entry of a list. A field that the entry omits (a port's protocol) matches any value. */
export function matchesEntry(step: FieldStep, entry: JsonValue, index: number): boolean {
  if (step.kind === 'any') return true;
  if (step.kind === 'index') return step.index === index;
  if (step.kind !== 'entry' || typeof entry !== 'object' || entry === null || Array.isArray(entry))
    return false;
  const known = step.fields.filter(([name]) => Object.hasOwn(entry, name));
  return known.length > 0 && known.every(([name, value]) => String(entry[name]) === value);
}

/**
 * Returns the value with every part at `path` replaced. If `replace` returns undefined, the part is removed, and so are
 * maps and lists that become empty.
 */
export function replaceAt(value: JsonValue, path: FieldPath, replacing: Replacing): JsonValue | undefined {
  const [step, ...rest] = path;
  if (!step) return replacing.replace(value, replacing.counterpart);
  if (Array.isArray(value)) return replaceInList(value, step, rest, replacing);
  if (typeof value === 'object' && value !== null) return replaceInMap(value, step, rest, replacing);
  return value;
}

export interface Replacing {
  /** Returns what replaces a part; `counterpart` is the part at the same place in the other state. */
  replace(value: JsonValue, counterpart: JsonValue | undefined): JsonValue | undefined;
  /** Another state of the value, for example the live object. */
  counterpart?: JsonValue | undefined;
  /** Finds the same entry in the other state's list. Undefined means that the entry is new: it is not changed. */
  counterpartEntry?: (entry: JsonValue, counterparts: JsonValue[]) => JsonValue | undefined;
}

function replaceInMap(map: JsonObject, step: FieldStep, rest: FieldPath, replacing: Replacing) {
  const counterparts =
    typeof replacing.counterpart === 'object' && !Array.isArray(replacing.counterpart)
      ? replacing.counterpart
      : undefined;
  const entries = Object.entries(map).flatMap(([key, child]): [string, JsonValue][] => {
    if (!matchesKey(step, key)) return [[key, child]];
    const next = replaceAt(child, rest, { ...replacing, counterpart: counterparts?.[key] });
    return next === undefined ? [] : [[key, next]];
  });
  if (entries.length === 0 && Object.keys(map).length > 0) return undefined;
  return Object.fromEntries(entries);
}

function replaceInList(list: JsonValue[], step: FieldStep, rest: FieldPath, replacing: Replacing) {
  const { counterpartEntry } = replacing;
  const counterparts = Array.isArray(replacing.counterpart) ? replacing.counterpart : [];
  const entries = list.flatMap((entry, index): JsonValue[] => {
    if (!matchesEntry(step, entry, index)) return [entry];
    const counterpart = counterpartEntry?.(entry, counterparts);
    if (counterpartEntry && counterpart === undefined) return [entry];
    const next = replaceAt(entry, rest, { ...replacing, counterpart });
    return next === undefined ? [] : [next];
  });
  return entries.length === 0 && list.length > 0 ? undefined : entries;
}
