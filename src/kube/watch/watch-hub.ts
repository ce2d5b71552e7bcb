import { type SlipwayError, toSlipwayError } from '../../errors.ts';
import { isApiError } from '../client/api-error.ts';
import type { KubeClient } from '../client/client.ts';
import { followCollection, type StreamListener } from './watch-stream.ts';

/** Receives the events of a collection. A shared stream also delivers events of objects that others wait for. */
export interface Follower extends StreamListener {
  /** Path of a collection in a namespace, or of a cluster-scoped kind: `/apis/apps/v1/namespaces/loans/deployments`. */
  path: string;
  labelSelector: string;
  /** Watches the collection if Slipway's own account may not; undefined: nobody does. */
  account?: string | undefined;
  /** The resourceVersion of the follower's state; undefined to start with a list. */
  since: string | undefined;
  /** Whether a stream across all namespaces may be used. */
  mayWiden: boolean;
  /**
   * The follower has joined a running stream and `onState` was called. Events since `since` may be missed, so it has to
   * read its objects once.
   */
  onJoined(): void;
  /** The stream can never be opened (CLUSTER_FORBIDDEN, NOT_FOUND). Nothing is called after this. */
  onEnd(error: SlipwayError): void;
}

/** The watches of one cluster, shared by all releases that wait for its objects. */
export interface WatchHub {
  /** Returns a function that stops following. */
  follow(follower: Follower): () => void;
  /** Streams that are open or being opened. */
  size(): number;
  close(): void;
}

/** What a stream is opened for. */
interface Place {
  path: string;
  /** The account that watches; undefined: Slipway's own. */
  as: string | undefined;
}

interface Stream extends Place {
  key: string;
  followers: Set<Follower>;
  abort: AbortController;
  /** Undefined while it is opened for the first time. */
  state: { error: SlipwayError | undefined } | undefined;
}

/** Streams per kind, one a namespace, before further namespaces share a stream across the cluster. */
const defaultNamespaceStreams = 16;

/**
 * Each stream holds a connection. Followers of the same kind in the same namespace share a stream, and if many namespaces
 * have followers, further ones share a stream across the cluster. If that is forbidden, each namespace gets a stream; if
 * that is forbidden too, followers with the same account share one of that account.
 */
export function createWatchHub(
  client: Pick<KubeClient, 'request' | 'watch'>,
  namespaceStreams = defaultNamespaceStreams,
): WatchHub {
  const streams = new Map<string, Stream>();
  const streamOf = new Map<Follower, Stream>();
  const forbidden = new Set<string>();

  const join = (follower: Follower, since: string | undefined): void => {
    const place = choosePlace(follower, { streams, forbidden, namespaceStreams });
    const running = streams.get(keyOf(place, follower));
    if (!running) {
      open(place, follower, since);
      return;
    }
    running.followers.add(follower);
    streamOf.set(follower, running);
    if (running.state) follower.onState(running.state.error);
    follower.onJoined();
  };

  const open = (place: Place, follower: Follower, since: string | undefined): void => {
    const stream: Stream = {
      ...place,
      key: keyOf(place, follower),
      // Includes the follower at once: a list may start before this returns and goes to the followers of that moment.
      followers: new Set([follower]),
      abort: new AbortController(),
      state: undefined,
    };
    streams.set(stream.key, stream);
    streamOf.set(follower, stream);
    const scope = { ...place, labelSelector: follower.labelSelector };
    followCollection(client, scope, fanOut(stream), { since, signal: stream.abort.signal }).catch((error) =>
      end(stream, toSlipwayError(error)),
    );
  };

  const end = (stream: Stream, error: SlipwayError): void => {
    streams.delete(stream.key);
    const isForbidden = isApiError(error, 403);
    // Rights may be granted later: once nobody may watch it, Slipway's own account tries again.
    if (isForbidden && stream.as === undefined) forbidden.add(stream.path);
    else forbidden.delete(stream.path);
    for (const follower of stream.followers) {
      streamOf.delete(follower);
      if (isForbidden && hasAlternative(follower, stream)) join(follower, undefined);
      else follower.onEnd(error);
    }
  };

  const leave = (follower: Follower): void => {
    const stream = streamOf.get(follower);
    streamOf.delete(follower);
    stream?.followers.delete(follower);
    if (!stream || stream.followers.size > 0) return;
    streams.delete(stream.key);
    stream.abort.abort();
  };

  return {
    follow(follower) {
      join(follower, follower.since);
      return () => leave(follower);
    },
    size: () => streams.size,
    close() {
      for (const stream of streams.values()) stream.abort.abort();
      streams.clear();
    },
  };
}

/** Whether the follower may be followed in another way than this stream, which is forbidden. */
function hasAlternative({ path, account }: Follower, stream: Stream): boolean {
  return path !== stream.path || (stream.as === undefined && account !== undefined);
}

interface Choice {
  streams: Map<string, Stream>;
  forbidden: Set<string>;
  namespaceStreams: number;
}

function choosePlace(follower: Follower, { streams, forbidden, namespaceStreams }: Choice): Place {
  const own = { path: follower.path, as: undefined };
  const wide = { path: acrossNamespaces(follower.path), as: undefined };
  if (forbidden.has(own.path)) return { path: own.path, as: follower.account };
  if (!follower.mayWiden || wide.path === own.path || forbidden.has(wide.path)) return own;
  if (streams.has(keyOf(own, follower))) return own;
  if (streams.has(keyOf(wide, follower))) return wide;
  const alike = [...streams.values()].filter((stream) => acrossNamespaces(stream.path) === wide.path);
  return alike.length < namespaceStreams ? own : wide;
}

function keyOf({ path, as = '' }: Place, follower: Follower): string {
  return `${as} ${path}?${follower.labelSelector}`;
}

/** The collection of the same kind across all namespaces. */
export function acrossNamespaces(path: string): string {
  return path.replace(/\/namespaces\/[^/]+\/(?=[^/]+$)/, '/');
}

/**
 * A listener that calls every follower; on a copy of the set, because followers may leave when they are called. A list
 * goes only to those who were there at its start: to others its remainder would mean that the earlier objects are gone.
 */
function fanOut(stream: Stream): StreamListener {
  const each = (call: (follower: Follower) => void) => {
    for (const follower of [...stream.followers]) call(follower);
  };
  return {
    onEvent: (type, object) => each((follower) => follower.onEvent(type, object)),
    startList() {
      const readers = [...stream.followers].map((follower) => follower.startList());
      return {
        page(objects) {
          for (const reader of readers) reader.page(objects);
        },
        end(version) {
          for (const reader of readers) reader.end(version);
        },
      };
    },
    onState(error) {
      stream.state = { error };
      each((follower) => follower.onState(error));
    },
  };
}
