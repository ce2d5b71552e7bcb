import type { KubeObject } from '../../model/object.ts';
import type { KubeClient } from '../client/client.ts';
import { partOfLabel } from '../inventory/applyset.ts';
import { listPages } from '../list.ts';
import { acrossNamespaces, type WatchHub } from '../watch/watch-hub.ts';
import { type CachedCollection, createCachedCollection } from './cached-collection.ts';

/** Members of a set, and up to which version of their collection everything was seen. */
export interface Known {
  objects: KubeObject[];
  version: number;
}

/** The owned objects of one cluster as watches show them: what a release compares with, without asking for it. */
export interface InventoryCache {
  /** Undefined: not known for now, so the API server has to be asked. */
  known(path: string, setId: string): Known | undefined;
  /** Begins to watch a collection; it is known a moment later. */
  follow(path: string): void;
}

export interface InventoryCacheLimits {
  /** Collections of one kind, one a namespace, before the rest of them share one across the cluster. */
  namespaces: number;
  /** Characters kept of all collections together; what would exceed them is asked for each time. */
  characters: number;
}

const defaults: InventoryCacheLimits = { namespaces: 16, characters: 96 * 1024 * 1024 };

/** A collection that may not be watched, or is too large to be kept, is not tried again for so long. */
const CLOSED_MS = 600_000;

/** Values of Secrets are not kept in memory for longer than a release. */
const NOT_KEPT = /\/api\/v1\/(namespaces\/[^/]+\/)?secrets$/;

interface Place {
  cached: CachedCollection;
  /** Whether the stream is up and all that came before it is on the shelf. */
  current: () => boolean;
  leave: () => void;
}

/**
 * Every collection that a release has asked for is watched from then on, by the streams that waits for health share.
 * The API server looks at every object of a collection for a label, so that lists for many sets cost it the square.
 */
export function createInventoryCache(
  client: Pick<KubeClient, 'request'>,
  hub: Pick<WatchHub, 'follow'>,
  limits: InventoryCacheLimits = defaults,
): InventoryCache {
  const places = new Map<string, Place>();
  const closedUntil = new Map<string, number>();
  const isClosed = (path: string) => (closedUntil.get(path) ?? 0) > Date.now();

  const close = (path: string): void => {
    places.get(path)?.leave();
    places.delete(path);
    closedUntil.set(path, Date.now() + CLOSED_MS);
  };
  const bound = (path: string): void => {
    const size = [...places.values()].reduce((sum, { cached }) => sum + cached.size(), 0);
    if (size > limits.characters) close(path);
  };

  function pathFor(path: string): string | undefined {
    const wide = acrossNamespaces(path);
    if (places.has(wide)) return wide;
    const alike = [...places.keys()].filter((one) => acrossNamespaces(one) === wide);
    const wanted = alike.length < limits.namespaces ? path : wide;
    return [wanted, path].find((one) => !isClosed(one));
  }

  return {
    known(path, setId) {
      const own = places.get(path);
      const place = own ?? places.get(acrossNamespaces(path));
      if (!place?.current()) return undefined;
      const namespace = own ? undefined : /\/namespaces\/([^/]+)\//.exec(path)?.[1];
      return { objects: place.cached.members(setId, namespace), version: place.cached.version() };
    },
    follow(path) {
      if (NOT_KEPT.test(path) || places.has(path)) return;
      const wanted = pathFor(path);
      if (wanted === undefined || places.has(wanted)) return;
      places.set(
        wanted,
        openPlace(wanted, { client, hub, close: () => close(wanted), grown: () => bound(wanted) }),
      );
    },
  };
}

interface Surroundings {
  client: Pick<KubeClient, 'request'>;
  hub: Pick<WatchHub, 'follow'>;
  close: () => void;
  grown: () => void;
}

type SeenEvent = Parameters<CachedCollection['see']>;

function openPlace(path: string, { client, hub, close, grown }: Surroundings): Place {
  const cached = createCachedCollection();
  /** Events that came before the list that they follow; undefined: the list is there. */
  let early: SeenEvent[] | undefined = [];
  let up = false;

  const fill = (objects: KubeObject[], version: string): void => {
    cached.replace(objects, version);
    for (const event of early ?? []) cached.see(...event);
    early = undefined;
    grown();
  };
  const leave = hub.follow({
    path,
    labelSelector: partOfLabel,
    since: undefined,
    mayWiden: false,
    startList() {
      const all: KubeObject[] = [];
      return { page: (objects) => void all.push(...objects), end: (version) => fill(all, version) };
    },
    onEvent(...event) {
      if (early) early.push(event);
      else cached.see(...event);
      grown();
    },
    // The stream runs already and begins with no list: this is the one that its events follow.
    onJoined() {
      const all: KubeObject[] = [];
      listPages(client, { path, query: { labelSelector: partOfLabel } }, (objects) => all.push(...objects))
        .then((version) => fill(all, version))
        .catch(close);
    },
    onState(error) {
      up = error === undefined;
    },
    onEnd: close,
  });
  return { cached, leave, current: () => up && early === undefined };
}
