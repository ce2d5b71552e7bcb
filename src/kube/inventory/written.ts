import { groupKind, type KubeObject, type ObjectRef } from '../../model/object.ts';
import { versionOf } from '../resource-version.ts';

/**
 * The resourceVersion up to which the last release of a target has written or seen each collection
 * (`Kind.group/namespace`). Kept on the parent: a process whose watch is behind it must not mistake what the watch shows
 * for the state that another process left.
 */
export type Written = Readonly<Record<string, string>>;

type Collection = Pick<ObjectRef, 'group' | 'kind' | 'namespace'>;

/** Each takes some fifty bytes of the parent; a target in more collections has its members listed each time. */
const most = 200;

function collectionOf({ namespace, ...kind }: Collection): string {
  return `${groupKind(kind)}/${namespace ?? ''}`;
}

/** What one release did to the collections of its target. */
export interface Done {
  /** The collections that it listed, with the version of each list. */
  listed: Iterable<Collection & { version: number }>;
  applied: Iterable<{ ref: ObjectRef; live: KubeObject }>;
  pruned: Iterable<ObjectRef>;
}

/** No number: the API server does not say at which version it deleted an object. */
const PRUNED = 'pruned';

/**
 * What the releases before have written, with what this one did. A collection that was pruned is unknown until it is
 * listed: a watch that stands still would show the deleted objects.
 */
export function withDone(before: Written, { listed, applied, pruned }: Done): Written {
  const versions = new Map(Object.entries(before).map(([key, version]) => [key, Number(version)]));
  for (const { version, ...collection } of listed) {
    const key = collectionOf(collection);
    // Only where nothing else is known: a watch reaches the version of a list no sooner than with its next event.
    if (Number.isNaN(versions.get(key))) versions.set(key, version);
  }
  for (const { ref, live } of applied) {
    const collection = collectionOf(ref);
    // NaN, a version without order, makes the whole collection unknown.
    versions.set(collection, Math.max(versions.get(collection) ?? 0, versionOf(live)));
  }
  const written = Object.fromEntries([...versions].map(([key, version]) => [key, String(version)]));
  for (const ref of pruned) written[collectionOf(ref)] = PRUNED;
  return Object.keys(written).length > most ? {} : written;
}

/** NaN, with which every comparison is false, if nothing is known of the collection. */
export function writtenVersion(written: Written, collection: Collection): number {
  return Number(written[collectionOf(collection)] ?? Number.NaN);
}

/** As data of the parent. */
export function encodeWritten(written: Written): { written?: string } {
  return Object.keys(written).length > 0 ? { written: JSON.stringify(written) } : {};
}
