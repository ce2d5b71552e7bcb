import type { SlipwayError } from '../../errors.ts';
import type { KubeObject } from '../../model/object.ts';
import { isApiError } from '../client/api-error.ts';
import { asEither } from '../client/as-either.ts';
import type { KubeClient } from '../client/client.ts';
import { partOfLabel } from '../inventory/applyset.ts';
import { listPages } from '../list.ts';
import type { InventoryCache, Known } from '../live/inventory-cache.ts';
import { versionOf } from '../resource-version.ts';
import type { WatchHub } from '../watch/watch-hub.ts';
import type { ListReader } from '../watch/watch-stream.ts';
import type { Board, Entry } from './verify-board.ts';
import type { Wait } from './verify-wait.ts';

export interface FollowContext {
  client: Pick<KubeClient, 'request' | 'watch'>;
  hub: WatchHub;
  cache: Pick<InventoryCache, 'known'>;
  /** Id of the target's ApplySet. */
  setId: string;
  /** The account that follows what Slipway's own may not; undefined: none. */
  account?: string | undefined;
}

export interface Followed {
  /** The error of a watch that is currently down; undefined if all are up. */
  down(): SlipwayError | undefined;
  stop(): void;
}

/** Watches the collections of all objects that are not healthy yet, with one watch per kind and namespace. */
export function followObjects(
  board: Board,
  wait: Wait,
  context: FollowContext,
  signal: AbortSignal,
): Followed {
  const errors = new Map<string, SlipwayError>();
  const paths = new Set(board.pending().map((entry) => entry.applied.path));
  const stops = [...paths].map((path) => followPath(path, { board, wait, context, signal, errors }));
  return {
    down: () => errors.values().next().value,
    stop() {
      for (const stop of stops) stop();
    },
  };
}

interface FollowDependencies {
  board: Board;
  wait: Wait;
  context: FollowContext;
  signal: AbortSignal;
  errors: Map<string, SlipwayError>;
}

function followPath(path: string, { board, wait, context, signal, errors }: FollowDependencies): () => void {
  const entries = new Set(board.entries.filter((entry) => entry.applied.path === path));
  const entryFor = (object: KubeObject) => {
    const entry = board.entryOf(object);
    return entry && entries.has(entry) ? entry : undefined;
  };
  const startList = (): ListReader => {
    const missing = new Set(entries);
    return {
      page(objects) {
        for (const object of objects) {
          const entry = entryFor(object);
          if (!entry) continue;
          missing.delete(entry);
          board.see(entry, object, performance.now());
        }
      },
      end() {
        for (const entry of missing) board.gone(entry, undefined, performance.now());
        wait.changed();
      },
    };
  };
  /** Applies the cached state up to the stream's current version. Events of later applies are still to come. */
  const seeCached = ({ objects, version }: Known) => {
    const found = new Map(objects.map((object) => [board.entryOf(object), object]));
    for (const entry of entries) {
      const object = found.get(entry);
      if (object) board.see(entry, object, performance.now());
      else if (versionOf(entry.object) <= version) board.gone(entry, undefined, performance.now());
    }
    wait.changed();
  };
  return context.hub.follow({
    path,
    labelSelector: partOfLabel,
    account: context.account,
    since: oldestVersion(board.pending().filter((entry) => entries.has(entry))),
    mayWiden: true,
    startList,
    onEvent(type, object) {
      const entry = entryFor(object);
      if (!entry) return;
      if (type === 'DELETED') board.gone(entry, object, performance.now());
      else board.see(entry, object, performance.now());
      wait.changed();
    },
    onJoined() {
      const known = context.cache.known(path, context.setId);
      if (known) return seeCached(known);
      const query = { labelSelector: `${partOfLabel}=${context.setId}` };
      const reader = startList();
      asEither(context.account, (as) => listPages(context.client, { path, query, as, signal }, reader.page))
        .then(reader.end)
        .catch(wait.fail);
    },
    onState(error) {
      if (error) errors.set(path, error);
      else errors.delete(path);
    },
    onEnd(error) {
      // The kind was deleted, and its objects with it.
      if (isApiError(error, 404)) startList().end('');
      else wait.fail(error);
    },
  });
}

/**
 * The oldest version in the responses to the apply. A watch from there delivers every later change, so it needs no list.
 * Undefined if versions are not numbers and so have no order; then the watch starts with a list.
 */
function oldestVersion(entries: Entry[]): string | undefined {
  const oldest = Math.min(...entries.map(({ object }) => versionOf(object)));
  return Number.isSafeInteger(oldest) && oldest > 0 ? String(oldest) : undefined;
}
