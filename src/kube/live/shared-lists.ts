import { isObject, listOf, objectOf } from '../../model/json.ts';
import type { JsonValue } from '../../model/object.ts';
import type { KubeClient } from '../client/client.ts';
import { partOfLabel } from '../inventory/applyset.ts';
import { versionOf } from '../resource-version.ts';

/** Lists of one collection in flight at once; whoever asks meanwhile shares the next one. */
const AT_ONCE = 2;

/** Ids in one selector: each has 55 characters, and servers and proxies accept URLs of at least 8 KiB. */
const MOST_IDS = 50;

export interface SharedLists {
  /** The objects of a collection with the label of this set, read with Slipway's own account. */
  members(path: string, setId: string, signal: AbortSignal): Promise<ListedMembers>;
}

export interface ListedMembers {
  items: JsonValue[];
  /** The version of the collection that the list shows; NaN if versions are no numbers. */
  version: number;
}

interface ListResult {
  bySet: Map<string, JsonValue[]>;
  version: number;
}

interface Collection {
  running: number;
  /** The sets of the next list, and its response; undefined: nobody waits for one. */
  next: { ids: Set<string>; response: Promise<ListResult>; start: () => void } | undefined;
}

/**
 * Lists the members of many sets in one request. The API server compares the label of every object of a collection, so
 * the lists of a thousand releases in one namespace would cost it the square. A single release still asks at once.
 */
export function createSharedLists(client: KubeClient): SharedLists {
  const collections = new Map<string, Collection>();

  async function read(path: string, ids: Set<string>): Promise<ListResult> {
    const labelSelector =
      ids.size === 1 ? `${partOfLabel}=${[...ids]}` : `${partOfLabel} in (${[...ids].join(',')})`;
    const { body } = await client.request({ path, query: { labelSelector } });
    return { bySet: Map.groupBy(listOf(body.items), setOf), version: versionOf(body) };
  }

  function run(path: string, collection: Collection, ids: Set<string>): Promise<ListResult> {
    collection.running += 1;
    return read(path, ids).finally(() => {
      collection.running -= 1;
      const { next } = collection;
      collection.next = undefined;
      if (next) next.start();
      else if (collection.running === 0) collections.delete(path);
    });
  }

  function join(path: string, setId: string): Promise<ListResult> {
    const collection = collections.get(path) ?? { running: 0, next: undefined };
    collections.set(path, collection);
    if (collection.running < AT_ONCE) return run(path, collection, new Set([setId]));
    if (collection.next && collection.next.ids.size >= MOST_IDS)
      return run(path, collection, new Set([setId]));
    collection.next ??= waiting((ids) => run(path, collection, ids));
    collection.next.ids.add(setId);
    return collection.next.response;
  }

  return {
    async members(path, setId, signal) {
      const { bySet, version } = await orAborted(join(path, setId), signal);
      return { items: bySet.get(setId) ?? [], version };
    },
  };
}

function waiting(run: (ids: Set<string>) => Promise<ListResult>): NonNullable<Collection['next']> {
  const ids = new Set<string>();
  const { promise, resolve } = Promise.withResolvers<ListResult>();
  return { ids, response: promise, start: () => resolve(run(ids)) };
}

function setOf(item: JsonValue): string {
  const metadata = isObject(item) ? objectOf(item.metadata) : {};
  return String(objectOf(metadata.labels)[partOfLabel]);
}

/** The shared list continues for the others if one of its callers is aborted. */
async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
