import type { FieldChange } from '../../model/change-set.ts';
import { entryFinder } from '../../model/entry-finder.ts';
import { isObject, sameJson } from '../../model/json.ts';
import type { JsonObject, JsonValue } from '../../model/object.ts';
import { editsBetween } from '../../model/sequence-diff.ts';
import { keyFields, nameOf } from './list-key.ts';

/**
 * Appends the fields in which two values differ to `changes`. Of added values, only what `wanted` (the file) contains is
 * included: the rest are defaults of the API server.
 */
export function compare(
  path: string,
  before: JsonValue | undefined,
  after: JsonValue | undefined,
  wanted: JsonValue | undefined,
  changes: FieldChange[],
): void {
  if (sameJson(before, after)) return;
  if (isObject(before) && isObject(after)) compareObjects(path, before, after, wanted, changes);
  else if (Array.isArray(before) && Array.isArray(after)) compareLists(path, before, after, wanted, changes);
  else changes.push({ path, before, after: before === undefined ? onlyWanted(after, wanted) : after });
}

function compareObjects(
  path: string,
  before: JsonObject,
  after: JsonObject,
  wanted: JsonValue | undefined,
  changes: FieldChange[],
): void {
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const inFile = isObject(wanted) ? wanted[key] : undefined;
    compare(join(path, key), before[key], after[key], inFile, changes);
  }
}

/** Compares lists by key if their entries have one, so that an inserted container does not change all that follow. */
function compareLists(
  path: string,
  before: JsonValue[],
  after: JsonValue[],
  wanted: JsonValue | undefined,
  changes: FieldChange[],
): void {
  const fields = keyFields(before, after);
  if (!fields) {
    // Entries without a key are only known by their place.
    const isComplete = Array.isArray(wanted) && wanted.length === after.length;
    compareSequences(path, before, after, isComplete ? wanted : [], changes);
    return;
  }
  const old = new Map(before.map((entry) => [nameOf(entry, fields), entry]));
  const now = new Map(after.map((entry) => [nameOf(entry, fields), entry]));
  const file = Array.isArray(wanted) ? wanted : [];
  const find = entryFinder(file, fields);
  const countBefore = changes.length;
  for (const name of new Set([...old.keys(), ...now.keys()])) {
    const entry = now.get(name);
    const inFile = isObject(entry) ? file[find(entry)] : undefined;
    compare(`${path}[${name}]`, old.get(name), entry, inFile, changes);
  }
  // Only the order differs.
  if (changes.length === countBefore) changes.push({ path, before, after });
}

/** Pairs each removed entry with the entry that replaces it. Indexes are those of `after`, or of `before` if removed. */
function compareSequences(
  path: string,
  before: JsonValue[],
  after: JsonValue[],
  wanted: JsonValue[],
  changes: FieldChange[],
): void {
  const text = (entry: JsonValue) => JSON.stringify(entry);
  const edits = editsBetween(before.map(text), after.map(text));
  const seen = { before: 0, after: 0 };
  const gone: number[] = [];
  const flush = () => {
    for (const index of gone.splice(0)) changes.push({ path: `${path}[${index}]`, before: before[index] });
  };
  for (const { sign } of edits) {
    if (sign === ' ') flush();
    if (sign === '-') gone.push(seen.before);
    if (sign === '+') {
      const index = gone.shift();
      const old = index === undefined ? undefined : before[index];
      compare(`${path}[${seen.after}]`, old, after[seen.after], wanted[seen.after], changes);
    }
    if (sign !== '+') seen.before += 1;
    if (sign !== '-') seen.after += 1;
  }
  flush();
}

/** An added value without what the file does not contain. */
function onlyWanted(value: JsonValue | undefined, wanted: JsonValue | undefined): JsonValue | undefined {
  if (isObject(value) && isObject(wanted)) {
    const kept = Object.entries(value).filter(([key]) => key in wanted);
    return Object.fromEntries(kept.map(([key, child]) => [key, onlyWanted(child, wanted[key]) ?? child]));
  }
  if (!Array.isArray(value) || !Array.isArray(wanted) || value.length !== wanted.length) return value;
  return value.map((entry, index) => onlyWanted(entry, wanted[index]) ?? entry);
}

/** Paths as kubectl writes them; a key with dots (an annotation) is in brackets. */
function join(path: string, key: string): string {
  if (/^[\w-]+$/.test(key)) return path === '' ? key : `${path}.${key}`;
  return `${path}[${key}]`;
}
