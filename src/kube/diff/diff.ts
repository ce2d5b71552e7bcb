import type { FieldChange } from '../../model/change-set.ts';
import type { JsonObject, JsonValue, KubeObject } from '../../model/object.ts';
import { isObject, sameJson } from '../json.ts';
import { type Masks, secretMasks, unsealed } from '../masks.ts';
import { listKey } from './list-key.ts';
import { isNoise, withoutNoise } from './noise.ts';
import { shorten } from './shorten.ts';

/**
 * The fields in which two answers of the API server about one object differ, in the order of their paths as they
 * stand in the object. Both sides come from the server, so defaults cancel out. Hidden values are masked.
 */
export function diffObjects(
  before: KubeObject,
  after: KubeObject,
  masks: Masks = secretMasks,
): FieldChange[] {
  const changes: FieldChange[] = [];
  compare('', withoutNoise(masks.seal(before)), withoutNoise(masks.seal(after)), changes);
  return changes
    .filter(({ path }) => !isNoise(after, path))
    .map(({ path, ...sides }) =>
      shorten({ path, before: unsealed(sides.before), after: unsealed(sides.after) }),
    );
}

function compare(
  path: string,
  before: JsonValue | undefined,
  after: JsonValue | undefined,
  changes: FieldChange[],
): void {
  if (sameJson(before, after)) return;
  if (isObject(before) && isObject(after)) compareObjects(path, before, after, changes);
  else if (Array.isArray(before) && Array.isArray(after)) compareLists(path, before, after, changes);
  else changes.push({ path, before, after });
}

function compareObjects(path: string, before: JsonObject, after: JsonObject, changes: FieldChange[]): void {
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    compare(join(path, key), before[key], after[key], changes);
  }
}

/** By key where the entries have one, so that an inserted container does not make all after it differ. */
function compareLists(path: string, before: JsonValue[], after: JsonValue[], changes: FieldChange[]): void {
  const key = listKey([...before, ...after]);
  const name = (entry: JsonValue, index: number) => (key ? key(entry) : String(index));
  const old = new Map(before.map((entry, index) => [name(entry, index), entry]));
  const now = new Map(after.map((entry, index) => [name(entry, index), entry]));
  if (old.size !== before.length || now.size !== after.length) {
    changes.push({ path, before, after });
    return;
  }
  const at = changes.length;
  for (const entry of new Set([...old.keys(), ...now.keys()])) {
    compare(`${path}[${entry}]`, old.get(entry), now.get(entry), changes);
  }
  // Nothing but the order differs.
  if (changes.length === at) changes.push({ path, before, after });
}

/** As kubectl writes paths; a key with dots (annotations) in brackets. */
function join(path: string, key: string): string {
  if (/^[\w-]+$/.test(key)) return path === '' ? key : `${path}.${key}`;
  return `${path}[${key}]`;
}
