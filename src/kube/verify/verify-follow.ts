import type { SlipwayError } from '../../errors.ts';
import type { KubeObject } from '../../model/object.ts';
import { isApiError } from '../client/api-error.ts';
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
}

export interface Followed {
  /** The error of a watch that is down at this moment; undefined where all are up. */
  down(): SlipwayError | undefined;
  stop(): void;
}

/** Watches the collections of all objects that are not healthy yet, one watch a kind and namespace. */
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

interface Surroundings {
  board: Board;
  wait: Wait;
  context: FollowContext;
  signal: AbortSignal;
  errors: Map<string, SlipwayError>;
}

function followPath(path: string, { board, wait, context, signal, errors }: Surroundings): () => void {
  const mine = new Set(board.entries.filter((entry) => entry.applied.path === path));
  const isMine = (object: KubeObject) => {
    const entry = board.entryOf(object);
    return entry && mine.has(entry) ? entry : undefined;
  };
  const startList = (): ListReader => {
    const missing = new Set(mine);
    return {
      page(objects) {
        for (const object of objects) {
          const entry = isMine(object);
          if (!entry) continue;
          missing.delete(entry);
          board.see(entry, object, Date.now());
        }
      },
      end() {
        for (const entry of missing) board.gone(entry, undefined, Date.now());
        wait.changed();
      },
    };
  };
  /** What the stream has passed already; the events of what was applied later are still to come. */
  const seeKnown = ({ objects, version }: Known) => {
    const found = new Map(objects.map((object) => [board.entryOf(object), object]));
    for (const entry of mine) {
      const object = found.get(entry);
      if (object) board.see(entry, object, Date.now());
      else if (versionOf(entry.object) <= version) board.gone(entry, undefined, Date.now());
    }
    wait.changed();
  };
  return context.hub.follow({
    path,
    labelSelector: partOfLabel,
    since: oldestVersion(board.pending().filter((entry) => mine.has(entry))),
    mayWiden: true,
    startList,
    onEvent(type, object) {
      const entry = isMine(object);
      if (!entry) return;
      if (type === 'DELETED') board.gone(entry, object, Date.now());
      else board.see(entry, object, Date.now());
      wait.changed();
    },
    onJoined() {
      const known = context.cache.known(path, context.setId);
      if (known) return seeKnown(known);
      const query = { labelSelector: `${partOfLabel}=${context.setId}` };
      const reader = startList();
      listPages(context.client, { path, query, signal }, reader.page).then(reader.end).catch(wait.fail);
    },
    onState(error) {
      if (error) errors.set(path, error);
      else errors.delete(path);
    },
    onEnd(error) {
      // The kind itself is gone, and its objects with it.
      if (isApiError(error, 404)) startList().end('');
      else wait.fail(error);
    },
  });
}

/**
 * The apply's answers are the list a watch goes on from: what happened after the oldest of them comes as events.
 * Undefined where versions are not numbers and so have no order; then a list comes first.
 */
function oldestVersion(entries: Entry[]): string | undefined {
  const oldest = Math.min(...entries.map(({ object }) => versionOf(object)));
  return Number.isSafeInteger(oldest) && oldest > 0 ? String(oldest) : undefined;
}
