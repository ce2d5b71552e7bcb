import { type SlipwayError, toSlipwayError } from '../../errors.ts';
import { isApiError } from '../client/api-error.ts';
import type { KubeClient } from '../client/client.ts';
import { followCollection, type StreamListener } from './watch-stream.ts';

/** Who waits for something in a collection. With others in the same stream it also hears of their objects. */
export interface Follower extends StreamListener {
  /** Path of a collection in a namespace, or of a cluster-scoped kind: `/apis/apps/v1/namespaces/loans/deployments`. */
  path: string;
  labelSelector: string;
  /** The resourceVersion of what the follower knows; undefined: a list comes first. */
  since: string | undefined;
  /** Whether a stream across all namespaces may take the place of many. */
  mayWiden: boolean;
  /**
   * It shares a stream that was already running and has heard how that stands: what happened between `since` and now
   * may have gone by, so it has to read its objects once.
   */
  onJoined(): void;
  /** The stream can never be opened (CLUSTER_FORBIDDEN, NOT_FOUND). Nothing more comes. */
  onEnd(error: SlipwayError): void;
}

/** The watches of one cluster, shared by all who wait for something on it. */
export interface WatchHub {
  /** Answers how to stop. */
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
  /** Undefined: it is being opened for the first time. */
  state: { error: SlipwayError | undefined } | undefined;
}

/** Streams of one kind, one a namespace, before further namespaces share one across the cluster. */
const defaultNamespaceStreams = 16;

/**
 * Each stream holds a connection, so those who wait for the same kind in the same namespace share one; and when
 * many namespaces wait at once, the rest of them share one across the cluster. That may be forbidden to us: then
 * each namespace has its own again.
 */
export function createWatchHub(
  client: Pick<KubeClient, 'request' | 'watch'>,
  namespaceStreams = defaultNamespaceStreams,
): WatchHub {
  const streams = new Map<string, Stream>();
  const places = new Map<Follower, Stream>();
  const forbidden = new Set<string>();

  const join = (follower: Follower, since: string | undefined): void => {
    const path = choosePath(follower, { streams, forbidden, namespaceStreams });
    const running = streams.get(keyOf(path, follower));
    if (!running) {
      open(path, follower, since);
      return;
    }
    running.followers.add(follower);
    places.set(follower, running);
    if (running.state) follower.onState(running.state.error);
    follower.onJoined();
  };

  const open = (path: string, follower: Follower, since: string | undefined): void => {
    const stream: Stream = {
      key: keyOf(path, follower),
      path,
      // From the start: a list may begin before this returns, and is read by those who are there then.
      followers: new Set([follower]),
      abort: new AbortController(),
      state: undefined,
    };
    streams.set(stream.key, stream);
    places.set(follower, stream);
    const scope = { path, labelSelector: follower.labelSelector };
    followCollection(client, scope, fanOut(stream), { since, signal: stream.abort.signal }).catch((error) =>
      end(stream, toSlipwayError(error)),
    );
  };

  const end = (stream: Stream, error: SlipwayError): void => {
    streams.delete(stream.key);
    if (isApiError(error, 403)) forbidden.add(stream.path);
    for (const follower of stream.followers) {
      places.delete(follower);
      if (isApiError(error, 403) && follower.path !== stream.path) join(follower, undefined);
      else follower.onEnd(error);
    }
  };

  const leave = (follower: Follower): void => {
    const stream = places.get(follower);
    places.delete(follower);
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
 * One listener that hands everything to all; a copy, because hearing something makes followers leave. Who joins in
 * the middle of a list reads for himself (`onJoined`): the rest of this one would tell him that objects are gone.
 */
function fanOut(stream: Stream): StreamListener {
  const each = (tell: (follower: Follower) => void) => {
    for (const follower of [...stream.followers]) tell(follower);
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
