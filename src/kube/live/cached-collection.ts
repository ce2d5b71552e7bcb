import { objectOf, textOf } from '../../model/json.ts';
import type { KubeObject } from '../../model/object.ts';
import { partOfLabel } from '../inventory/applyset.ts';
import { versionOf } from '../resource-version.ts';

interface Kept {
  setId: string;
  namespace: string;
  /** As JSON: a tenth of the memory of the parsed object, and every reader gets a copy of its own. */
  text: string;
}

/** The owned objects of one collection: its list, then changed by its events. Pure: it makes no requests. */
export interface CachedCollection {
  /** Replaces everything with what existed at `version`. */
  replace(objects: KubeObject[], version: string): void;
  see(type: 'ADDED' | 'MODIFIED' | 'DELETED', object: KubeObject): void;
  /** The members of a set; within one namespace, if that is given. */
  members(setId: string, namespace: string | undefined): KubeObject[];
  /** Up to here every change was seen; NaN before the first list, and if versions are no numbers. */
  version(): number;
  /** Characters of JSON that it keeps. */
  size(): number;
}

/** Versions of one collection are numbers that grow (KEP-5504). A collection with other versions is never known. */
export function createCachedCollection(): CachedCollection {
  const kept = new Map<string, Kept>();
  const sets = new Map<string, Set<string>>();
  let reached = Number.NaN;
  let size = 0;

  function drop(key: string): void {
    const old = kept.get(key);
    if (!old) return;
    kept.delete(key);
    size -= old.text.length;
    const set = sets.get(old.setId);
    set?.delete(key);
    if (set?.size === 0) sets.delete(old.setId);
  }

  function put(key: string, object: KubeObject): void {
    drop(key);
    const setId = textOf(objectOf(object.metadata.labels)[partOfLabel]);
    const text = JSON.stringify(object);
    kept.set(key, { setId, namespace: textOf(object.metadata.namespace), text });
    size += text.length;
    const set = sets.get(setId) ?? new Set();
    sets.set(setId, set.add(key));
  }

  return {
    replace(objects, version) {
      kept.clear();
      sets.clear();
      size = 0;
      for (const object of objects) put(keyOf(object), object);
      reached = Number(version === '' ? Number.NaN : version);
    },
    see(type, object) {
      const version = versionOf(object);
      // A list that came later has it already.
      if (version <= reached) return;
      reached = version;
      if (type === 'DELETED') drop(keyOf(object));
      else put(keyOf(object), object);
    },
    members(setId, namespace) {
      const all = [...(sets.get(setId) ?? [])].flatMap((key) => kept.get(key) ?? []);
      const here = namespace === undefined ? all : all.filter((one) => one.namespace === namespace);
      return here.map(({ text }): KubeObject => JSON.parse(text));
    },
    version: () => reached,
    size: () => size,
  };
}

function keyOf({ metadata }: KubeObject): string {
  return `${textOf(metadata.namespace)}/${textOf(metadata.name)}`;
}
