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

/** What the releases before have written, with what this one applied. */
export function withApplied(
  before: Written,
  applied: Iterable<{ ref: ObjectRef; live: KubeObject }>,
): Written {
  const highest = new Map<string, number>();
  for (const { ref, live } of applied) {
    const version = versionOf(live);
    const collection = collectionOf(ref);
    // NaN, a version without order, makes the whole collection unknown.
    highest.set(collection, Math.max(highest.get(collection) ?? 0, version));
  }
  const written = { ...before, ...Object.fromEntries([...highest].map(([key, at]) => [key, String(at)])) };
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
