import { type SlipwayError, toSlipwayError } from '../../errors.ts';
import { isApiError } from '../client/api-error.ts';
import type { KubeClient } from '../client/client.ts';
import { followCollection, type StreamListener } from './watch-stream.ts';

/** Receives the events of a collection. A shared stream also delivers events of objects that others wait for. */
export interface Follower extends StreamListener {
  /** Path of a collection in a namespace, or of a cluster-scoped kind: `/apis/apps/v1/namespaces/loans/deployments`. */
  path: string;
  labelSelector: string;
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

interface Stream {
  key: string;
  path: string;
  followers: Set<Follower>;
  abort: AbortController;
  /** Undefined while it is opened for the first time. */
  state: { error: SlipwayError | undefined } | undefined;
}

/** Streams per kind, one a namespace, before further namespaces share a stream across the cluster. */
const defaultNamespaceStreams = 16;

/**
 * Each stream holds a connection. Followers of the same kind in the same namespace share a stream, and if many namespaces
 * have followers, further ones share a stream across the cluster. If that is forbidden, each namespace gets a stream.
 */
export function createWatchHub(
  client: Pick<KubeClient, 'request' | 'watch'>,
  namespaceStreams = defaultNamespaceStreams,
): WatchHub {
  const streams = new Map<string, Stream>();
  const streamOf = new Map<Follower, Stream>();
  const forbidden = new Set<string>();

  const join = (follower: Follower, since: string | undefined): void => {
    const path = choosePath(follower, { streams, forbidden, namespaceStreams });
    const running = streams.get(keyOf(path, follower));
    if (!running) {
      open(path, follower, since);
      return;
    }
    running.followers.add(follower);
    streamOf.set(follower, running);
    if (running.state) follower.onState(running.state.error);
    follower.onJoined();
  };

  const open = (path: string, follower: Follower, since: string | undefined): void => {
    const stream: Stream = {
      key: keyOf(path, follower),
      path,
      // Includes the follower at once: a list may start before this returns and goes to the followers of that moment.
      followers: new Set([follower]),
      abort: new AbortController(),
      state: undefined,
    };
    streams.set(stream.key, stream);
    streamOf.set(follower, stream);
    const scope = { path, labelSelector: follower.labelSelector };
    followCollection(client, scope, fanOut(stream), { since, signal: stream.abort.signal }).catch((error) =>
      end(stream, toSlipwayError(error)),
    );
  };

  const end = (stream: Stream, error: SlipwayError): void => {
    streams.delete(stream.key);
    if (isApiError(error, 403)) forbidden.add(stream.path);
    for (const follower of stream.followers) {
      streamOf.delete(follower);
      if (isApiError(error, 403) && follower.path !== stream.path) join(follower, undefined);
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

interface Choice {
  streams: Map<string, Stream>;
  forbidden: Set<string>;
  namespaceStreams: number;
}

function choosePath(follower: Follower, { streams, forbidden, namespaceStreams }: Choice): string {
  const { path } = follower;
  const wide = acrossNamespaces(path);
  if (!follower.mayWiden || wide === path || forbidden.has(wide)) return path;
  if (streams.has(keyOf(path, follower))) return path;
  if (streams.has(keyOf(wide, follower))) return wide;
  const alike = [...streams.values()].filter((stream) => acrossNamespaces(stream.path) === wide);
  return alike.length < namespaceStreams ? path : wide;
}

function keyOf(path: string, follower: Follower): string {
  return `${path}?${follower.labelSelector}`;
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
