import type { KubeObject } from '../../model/object.ts';
import type { KubeClient } from '../client/client.ts';
import { partOfLabel } from '../inventory/applyset.ts';
import { listPages } from '../list.ts';
import { acrossNamespaces, type WatchHub } from '../watch/watch-hub.ts';
import { type CachedCollection, createCachedCollection } from './cached-collection.ts';

/** Members of a set, and the version of their collection up to which every change was seen. */
export interface Known {
  objects: KubeObject[];
  version: number;
}

/** The owned objects of one cluster as watches show them, so that a release can compare without a request. */
export interface InventoryCache {
  /** The members of a set in a collection; undefined: not known for now, so they have to be listed. */
  known(path: string, setId: string): Known | undefined;
  /** Starts to watch a collection; it is known a moment later. */
  follow(path: string): void;
}

export interface InventoryCacheLimits {
  /** Watches of one kind, one for each namespace, before further namespaces share a cluster-wide one. */
  namespaces: number;
  /** Characters of JSON kept of all collections together; a collection that would exceed them is listed each time. */
  characters: number;
}

const defaults: InventoryCacheLimits = { namespaces: 16, characters: 96 * 1024 * 1024 };

/** For this long, a collection that may not be watched or is too large is not tried again. */
const CLOSED_MS = 600_000;

/** Values of Secrets are not kept in memory for longer than a release needs them. */
const NOT_KEPT = /\/api\/v1\/(namespaces\/[^/]+\/)?secrets$/;

/** A collection that is watched. */
interface Followed {
  cached: CachedCollection;
  /** Whether the stream is up and the list that it follows is cached. */
  current: () => boolean;
  leave: () => void;
}

/**
 * Every collection that a release has listed is watched from then on, over the streams that waits for health share. The
 * API server compares the label of every object of a collection, so lists for many sets cost it the square.
 */
export function createInventoryCache(
  client: Pick<KubeClient, 'request'>,
  hub: Pick<WatchHub, 'follow'>,
  limits: InventoryCacheLimits = defaults,
): InventoryCache {
  const followed = new Map<string, Followed>();
  const closedUntil = new Map<string, number>();
  const isClosed = (path: string) => (closedUntil.get(path) ?? 0) > performance.now();

  const close = (path: string): void => {
    followed.get(path)?.leave();
    followed.delete(path);
    closedUntil.set(path, performance.now() + CLOSED_MS);
  };
  const bound = (path: string): void => {
    const size = [...followed.values()].reduce((sum, { cached }) => sum + cached.size(), 0);
    if (size > limits.characters) close(path);
  };

  function pathFor(path: string): string | undefined {
    const wide = acrossNamespaces(path);
    if (followed.has(wide)) return wide;
    const alike = [...followed.keys()].filter((one) => acrossNamespaces(one) === wide);
    const wanted = alike.length < limits.namespaces ? path : wide;
    return [wanted, path].find((one) => !isClosed(one));
  }

  return {
    known(path, setId) {
      const own = followed.get(path);
      const found = own ?? followed.get(acrossNamespaces(path));
      if (!found?.current()) return undefined;
      const namespace = own ? undefined : /\/namespaces\/([^/]+)\//.exec(path)?.[1];
      return { objects: found.cached.members(setId, namespace), version: found.cached.version() };
    },
    follow(path) {
      if (NOT_KEPT.test(path) || followed.has(path)) return;
      const wanted = pathFor(path);
      if (wanted === undefined || followed.has(wanted)) return;
      followed.set(
        wanted,
        openCollection(wanted, { client, hub, close: () => close(wanted), grown: () => bound(wanted) }),
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

function openCollection(path: string, { client, hub, close, grown }: Surroundings): Followed {
  const cached = createCachedCollection();
  /** Events that came before the list that they follow; undefined: the list is cached. */
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
    // A running stream begins with no list: this is the one that its events follow.
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
