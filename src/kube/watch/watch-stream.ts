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
  /** The account to watch as; undefined: Slipway's own. */
  as?: string | undefined;
}

/** Receives a list page by page, so that it need not be in memory at once. `end` is not called if the list fails. */
export interface ListReader {
  page(objects: KubeObject[]): void;
  /** The list is complete at this resourceVersion: objects that were on no page do not exist. */
  end(version: string): void;
}

export interface StreamListener {
  onEvent(type: 'ADDED' | 'MODIFIED' | 'DELETED', object: KubeObject): void;
  startList(): ListReader;
  /** The stream is open or, with an error, down and being reopened. */
  onState(error: SlipwayError | undefined): void;
}

export interface StreamOptions {
  /** resourceVersion to start from; undefined to start with a list. */
  since: string | undefined;
  signal: AbortSignal;
}

const FIRST_PAUSE_MS = 50;
const MAX_PAUSE_MS = 5_000;
/**
 * The API server sends a bookmark about once a minute. A stream that is silent for longer is dead, for example because a
 * router dropped the connection
 * (https://kubernetes.io/docs/reference/using-api/api-concepts/#watch-bookmarks).
 */
const SILENCE_MS = 150_000;

/**
 * Follows a collection until the signal aborts. Resumes from the last resourceVersion when the connection is cut, and lists
 * again when the server no longer has that version (410). Rejects only with errors that a retry cannot fix
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
      // Servers end watches after some minutes. Watches that keep ending without an event are reopened with a back-off.
      failures = version === from ? failures + 1 : 0;
    } catch (error) {
      if (signal.aborted) return;
      if (isApiError(error, 410)) {
        version = undefined;
      } else {
        listener.onState(retryableOrThrow(error));
      }
      failures += 1;
    }
    await pause(failures, signal);
  }
}

function watchRequest(scope: StreamScope, resourceVersion: string, signal: AbortSignal) {
  const query = { labelSelector: scope.labelSelector, resourceVersion, allowWatchBookmarks: true };
  return { path: scope.path, query, as: scope.as, signal, idleTimeoutMs: SILENCE_MS };
}

/** Passes an event on and returns the resourceVersion of the stream after it. */
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
  const { path, labelSelector, as } = scope;
  const reader = listener.startList();
  const request = { path, query: { labelSelector }, as, signal, retryBudgetMs: 0 };
  const version = await listPages(client, request, (objects) => reader.page(objects));
  reader.end(version);
  return version;
}

/** Returns a retryable error, and throws any other. */
function retryableOrThrow(error: unknown): SlipwayError {
  if (!(error instanceof SlipwayError)) throw toSlipwayError(error);
  if (!error.retryable) throw error;
  return error;
}

/** The first retry is immediate: usually a server or a router ended an old connection. */
async function pause(failures: number, signal: AbortSignal): Promise<void> {
  if (failures < 2) return;
  const longest = Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures);
  await sleep(longest / 2 + (longest / 2) * Math.random(), undefined, { signal }).catch(() => undefined);
}
