import { setTimeout as sleep } from 'node:timers/promises';
import { SlipwayError, toSlipwayError } from '../../errors.ts';
import { textAt } from '../../model/json.ts';
import type { KubeObject } from '../../model/object.ts';
import { isApiError } from '../client/api-error.ts';
import type { KubeClient, WatchEvent } from '../client/client.ts';
import { listPages } from '../list.ts';

export interface StreamScope {
  /** Path of a collection, within a namespace or across all. */
  path: string;
  labelSelector: string;
}

/** Takes a list page by page, so that nobody has to hold all of it. One that is cut half-way never ends. */
export interface ListReader {
  page(objects: KubeObject[]): void;
  /** That was everything in the scope at this resourceVersion: what was on no page is gone. */
  end(version: string): void;
}

export interface StreamListener {
  onEvent(type: 'ADDED' | 'MODIFIED' | 'DELETED', object: KubeObject): void;
  startList(): ListReader;
  /** The stream is up again, or (with the error) down and being opened again. */
  onState(error: SlipwayError | undefined): void;
}

export interface StreamOptions {
  /** resourceVersion to go on from; undefined: a list comes first. */
  since: string | undefined;
  signal: AbortSignal;
}

const firstPauseMs = 50;
const longestPauseMs = 5_000;
/**
 * The API server sends a bookmark about once a minute, so a stream that is silent for longer is dead, for example
 * because a router forgot the connection
 * (https://kubernetes.io/docs/reference/using-api/api-concepts/#watch-bookmarks).
 */
const silenceMs = 150_000;

/**
 * Follows a collection until the signal aborts: watch, go on from the last resourceVersion when the connection is
 * cut, list again when the server has forgotten that version (410). Rejects only for what no repetition cures
 * (CLUSTER_FORBIDDEN, NOT_FOUND); resolves on abort.
 */
export async function followCollection(
  client: Pick<KubeClient, 'request' | 'watch'>,
  scope: StreamScope,
  listener: StreamListener,
  options: StreamOptions,
): Promise<void> {
  const { signal } = options;
  let version = options.since;
  let failures = 0;
  while (!signal.aborted) {
    try {
      version ??= await listAll(client, scope, listener, signal);
      const from = version;
      const request = { ...watchRequest(scope, from, signal), onOpen: () => listener.onState(undefined) };
      await client.watch(request, (event) => {
        failures = 0;
        version = deliver(event, listener) ?? version;
      });
      // Servers end watches after some minutes; one that ends at once, again and again, is not asked at full speed.
      failures = version === from ? failures + 1 : 0;
    } catch (error) {
      if (signal.aborted) return;
      if (isApiError(error, 410)) {
        version = undefined;
      } else {
        listener.onState(repeatable(error));
      }
      failures += 1;
    }
    await pause(failures, signal);
  }
}

function watchRequest(scope: StreamScope, resourceVersion: string, signal: AbortSignal) {
  const query = { labelSelector: scope.labelSelector, resourceVersion, allowWatchBookmarks: true };
  return { path: scope.path, query, signal, idleTimeoutMs: silenceMs };
}

/** Hands an event on and returns the version that the stream has reached by it. */
function deliver(event: WatchEvent, listener: StreamListener): string | undefined {
  const version = textAt(event.object, 'metadata', 'resourceVersion');
  if (event.type !== 'BOOKMARK') listener.onEvent(event.type, event.object);
  return version === '' ? undefined : version;
}

async function listAll(
  client: Pick<KubeClient, 'request'>,
  scope: StreamScope,
  listener: StreamListener,
  signal: AbortSignal,
): Promise<string> {
  const { path, labelSelector } = scope;
  const reader = listener.startList();
  const request = { path, query: { labelSelector }, signal, retryBudgetMs: 0 };
  const version = await listPages(client, request, (objects) => reader.page(objects));
  reader.end(version);
  return version;
}

/** The error, where asking again may help; thrown where it may not. */
function repeatable(error: unknown): SlipwayError {
  if (!(error instanceof SlipwayError)) throw toSlipwayError(error);
  if (!error.retryable) throw error;
  return error;
}

/** The first repetition comes at once: mostly a server or a router ended an old connection. */
async function pause(failures: number, signal: AbortSignal): Promise<void> {
  if (failures < 2) return;
  const longest = Math.min(longestPauseMs, firstPauseMs * 2 ** failures);
  await sleep(longest / 2 + (longest / 2) * Math.random(), undefined, { signal }).catch(() => undefined);
}
