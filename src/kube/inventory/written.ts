import { groupKind, type KubeObject, type ObjectRef } from '../../model/object.ts';
import { versionOf } from '../resource-version.ts';

/**
 * Up to which resourceVersion of each collection (`Kind.group/namespace`) the last release of a target has written
 * or seen. Kept on the parent: a process whose watch has come less far must not take what it shows for the state
 * that another process left behind.
 */
export type Written = Readonly<Record<string, string>>;

type Collection = Pick<ObjectRef, 'group' | 'kind' | 'namespace'>;

/** A line has some fifty bytes of the parent; a target in more collections has its members listed each time. */
const most = 200;

function collectionOf({ namespace, ...kind }: Collection): string {
  return `${groupKind(kind)}/${namespace ?? ''}`;
}

/** What a release adds to what the ones before it have written. */
export function withApplied(
  before: Written,
  applied: Iterable<{ ref: ObjectRef; live: KubeObject }>,
): Written {
  const highest = new Map<string, number>();
  for (const { ref, live } of applied) {
    const version = versionOf(live);
    const collection = collectionOf(ref);
    // One without order makes the whole collection unknown.
    highest.set(collection, Math.max(highest.get(collection) ?? 0, version));
  }
  const written = { ...before, ...Object.fromEntries([...highest].map(([key, at]) => [key, String(at)])) };
  return Object.keys(written).length > most ? {} : written;
}

/** NaN, which no version is as high as, where nothing is known of the collection. */
export function writtenVersion(written: Written, collection: Collection): number {
  return Number(written[collectionOf(collection)] ?? Number.NaN);
}

/** As data of the parent. */
export function encodeWritten(written: Written): { written?: string } {
  return Object.keys(written).length > 0 ? { written: JSON.stringify(written) } : {};
}
