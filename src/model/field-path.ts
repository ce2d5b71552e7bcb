import type { JsonObject, JsonValue } from './object.ts';

/** One step from a value into it. */
export type FieldStep =
  | { kind: 'key'; key: string }
  /** The entry of a list whose fields have these values, as text. */
  | { kind: 'entry'; fields: [name: string, value: string][] }
  | { kind: 'index'; index: number }
  /** Every entry of a list, every key of a map. */
  | { kind: 'any' };

/** A path as change sets show it: `spec.template.spec.containers[name=app].image`. */
export type FieldPath = FieldStep[];

const longest = 500;

/** `spec.containers[name=app].image` → `spec`, `containers`, `[name=app]`, `image`. */
export function segmentsOf(path: string): string[] {
  return path.match(/\[[^\]]*\]|[^.[\]]+/g) ?? [];
}

/** The steps of a path as people write it, or what is wrong with it, as the end of a sentence. */
export function parseFieldPath(text: string): FieldPath | string {
  if (text.length > longest) return `has more than ${longest} characters`;
  if (!/^(?:[^.[\]]+|\[[^[\]]+\])(?:\.[^.[\]]+|\[[^[\]]+\])*$/.test(text)) {
    return 'is not the path of a field: write it as change sets show it, such as spec.template.spec.containers[name=app].image';
  }
  const steps: FieldPath = [];
  for (const segment of segmentsOf(text)) {
    const step = stepOf(segment);
    if (typeof step === 'string') return step;
    steps.push(step);
  }
  return steps;
}

function stepOf(segment: string): FieldStep | string {
  if (!segment.startsWith('[')) {
    if (/^[\w-]+$/.test(segment)) return { kind: 'key', key: segment };
    return 'has a part that is no name: fields are parted by dots, and a key with other characters stands in brackets, such as metadata.annotations[example.com/team]';
  }
  const inner = segment.slice(1, -1);
  if (/["']/.test(inner))
    return 'has quotes in brackets: write [name=app], and metadata.annotations[example.com/team]';
  if (inner === '*') return { kind: 'any' };
  if (/^\d+$/.test(inner)) return { kind: 'index', index: Number(inner) };
  if (!/^\w+=/.test(inner)) return { kind: 'key', key: inner };
  return { kind: 'entry', fields: inner.split(/,(?=\w+=)/).map(pairOf) };
}

function pairOf(text: string): [string, string] {
  const at = text.indexOf('=');
  return [text.slice(0, at), text.slice(at + 1)];
}

/** The path as it is written. */
export function fieldPathText(path: FieldPath): string {
  return path.reduce((text, step) => `${text}${stepText(step, text === '')}`, '');
}

function stepText(step: FieldStep, first: boolean): string {
  if (step.kind === 'any') return '[*]';
  if (step.kind === 'index') return `[${step.index}]`;
  if (step.kind === 'entry') return `[${step.fields.map((pair) => pair.join('=')).join(',')}]`;
  if (!/^[\w-]+$/.test(step.key)) return `[${step.key}]`;
  return first ? step.key : `.${step.key}`;
}

/** Whether a step leads to this key of a map. */
export function leadsToKey(step: FieldStep, key: string): boolean {
  return step.kind === 'any' || (step.kind === 'key' && step.key === key);
}

/** Whether a step leads to this entry of a list. A field that the entry leaves out (a port's protocol) is defaulted. */
export function leadsToEntry(step: FieldStep, entry: JsonValue, index: number): boolean {
  if (step.kind === 'any') return true;
  if (step.kind === 'index') return step.index === index;
  if (step.kind !== 'entry' || typeof entry !== 'object' || entry === null || Array.isArray(entry))
    return false;
  const known = step.fields.filter(([name]) => Object.hasOwn(entry, name));
  return known.length > 0 && known.every(([name, value]) => String(entry[name]) === value);
}

/**
 * The value with what stands at `path` replaced; undefined takes it away, and what becomes empty by that. `twin` is
 * another state of the value: its part at the same place is handed to `replace`, and an entry that its lists do not
 * have (`entryTwin` finds none) is left as it is.
 */
export function replaceAt(value: JsonValue, path: FieldPath, replacing: Replacing): JsonValue | undefined {
  const [step, ...rest] = path;
  if (!step) return replacing.replace(value, replacing.twin);
  if (Array.isArray(value)) return replaceInList(value, step, rest, replacing);
  if (typeof value === 'object' && value !== null) return replaceInMap(value, step, rest, replacing);
  return value;
}

export interface Replacing {
  replace(value: JsonValue, twin: JsonValue | undefined): JsonValue | undefined;
  twin?: JsonValue | undefined;
  /** The entry of the twin's list that is the same one; undefined: it is a new one. */
  entryTwin?: (entry: JsonValue, twins: JsonValue[]) => JsonValue | undefined;
}

function replaceInMap(map: JsonObject, step: FieldStep, rest: FieldPath, replacing: Replacing) {
  const twins =
    typeof replacing.twin === 'object' && !Array.isArray(replacing.twin) ? replacing.twin : undefined;
  const entries = Object.entries(map).flatMap(([key, child]): [string, JsonValue][] => {
    if (!leadsToKey(step, key)) return [[key, child]];
    const next = replaceAt(child, rest, { ...replacing, twin: twins?.[key] });
    return next === undefined ? [] : [[key, next]];
  });
  if (entries.length === 0 && Object.keys(map).length > 0) return undefined;
  return Object.fromEntries(entries);
}

function replaceInList(list: JsonValue[], step: FieldStep, rest: FieldPath, replacing: Replacing) {
  const { entryTwin } = replacing;
  const twins = Array.isArray(replacing.twin) ? replacing.twin : [];
  const entries = list.flatMap((entry, index): JsonValue[] => {
    if (!leadsToEntry(step, entry, index)) return [entry];
    const twin = entryTwin?.(entry, twins);
    if (entryTwin && twin === undefined) return [entry];
    const next = replaceAt(entry, rest, { ...replacing, twin });
    return next === undefined ? [] : [next];
  });
  return entries.length === 0 && list.length > 0 ? undefined : entries;
}
