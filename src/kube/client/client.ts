import type { JsonObject, KubeObject } from '../../model/object.ts';
import type { Away } from '../../ports/cluster.ts';
import type { ClusterInput } from '../input.ts';
import { apiError, KubeApiError, watchError } from './api-error.ts';
import { type Connections, createConnections, type Resolution } from './connections.ts';
import { credentialSource } from './credentials.ts';
import { withFreshCredentials } from './fresh-credentials.ts';
import { impersonationHeaders } from './impersonate.ts';
import { lineSplitter } from './lines.ts';
import { createReach } from './reach.ts';
import { withRetry } from './retry.ts';
import { transportError } from './transport-error.ts';

/** A probe asks for a constant: a server that takes longer does not respond. */
const PROBE_MS = 5_000;

export type Query = Record<string, string | number | boolean | undefined>;

export interface KubeRequest {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Already encoded: `/api/v1/namespaces/loans/configmaps/settings` (see discovery's `path`). */
  path: string;
  query?: Query;
  /** An object, or JSON text that is sent as it is. */
  body?: JsonObject | string;
  contentType?: string;
  accept?: string;
  headers?: Record<string, string>;
  /** The account to impersonate; undefined: Slipway's own account. */
  as?: string | undefined;
  signal?: AbortSignal | undefined;
  /** Default: the cluster's `timeoutMs`. */
  timeoutMs?: number;
  /** Default: true, except for POST. A request that is not idempotent is repeated only if the server did not perform it. */
  idempotent?: boolean;
  /** Milliseconds that retries after 429, 5xx and lost connections may wait in total; 0: no retry. Default: the cluster's. */
  retryBudgetMs?: number;
}

export interface KubeResponse {
  /** 200, 201 (created), 202 (accepted), 304 (not modified). */
  status: number;
  body: JsonObject;
  headers: Record<string, string | string[] | undefined>;
}

export interface WatchRequest {
  path: string;
  query?: Query;
  accept?: string;
  as?: string | undefined;
  signal: AbortSignal;
  /** Called when the server has accepted the watch, possibly long before its first event. */
  onOpen?: () => void;
  /** The watch rejects with CLUSTER_UNREACHABLE if the stream is silent for so long; 0 (default): never. */
  idleTimeoutMs?: number;
}

export interface WatchEvent {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  object: KubeObject;
}

/** A client of one API server. Requests and responses are raw JSON. */
export interface KubeClient {
  readonly cluster: string;
  readonly maxRequests: number;
  /** Undefined: the API server is not known to be away. While it is, every request and watch rejects at once. */
  readonly away: Away | undefined;
  /**
   * Rejects with KubeApiError for a status of 400 or more (CLUSTER_FORBIDDEN, NOT_FOUND, CLUSTER_CONFLICT,
   * OBJECT_INVALID, CLUSTER_BUSY), CLUSTER_UNREACHABLE for lost connections and timeouts, and with the
   * signal's reason if it aborts.
   */
  request(request: KubeRequest): Promise<KubeResponse>;
  /**
   * Resolves when the server ends the stream. Rejects with KubeApiError (status code 410: list again),
   * CLUSTER_UNREACHABLE if the connection is lost, and with the signal's reason if it aborts.
   */
  watch(request: WatchRequest, onEvent: (event: WatchEvent) => void): Promise<void>;
  close(): Promise<void>;
}

export function createKubeClient(input: ClusterInput): KubeClient {
  const source = credentialSource(input.kubeconfig, input.context, input.addSecret);
  const connections = createConnections(source, input.maxRequests, input.environmentNamesProxy);

  const fresh = <T>(work: () => Promise<T>) => withFreshCredentials(input.name, source, work);
  const reach = createReach({
    onChange: input.onReach && ((away) => input.onReach?.(input.name, away)),
    // Not on the connections of requests, which may all be taken by those that hang.
    probe: (signal) =>
      fresh(() => send(connections.forWatches, input, { path: '/version', signal, timeoutMs: PROBE_MS })),
  });

  return {
    cluster: input.name,
    maxRequests: input.maxRequests,
    get away() {
      return reach.away;
    },
    request(request) {
      const idempotent = request.idempotent ?? request.method !== 'POST';
      const { signal, retryBudgetMs: budgetMs = input.retryBudgetMs } = request;
      return withRetry({ signal, idempotent, budgetMs }, () =>
        reach.through(() => fresh(() => send(connections.forRequests, input, request))),
      );
    },
    async watch(request, onEvent) {
      if (reach.away) throw reach.away.error;
      await fresh(() => stream(connections, input, request, onEvent));
    },
    async close() {
      reach.close();
      await connections.close();
    },
  };
}

async function send(
  connect: () => Promise<Resolution>,
  input: ClusterInput,
  request: KubeRequest,
): Promise<KubeResponse> {
  const { signal, method = 'GET', body } = request;
  signal?.throwIfAborted();
  const { dispatcher, server, headers, proxied } = await connect();
  const timeout = request.timeoutMs ?? input.timeoutMs;
  try {
    const response = await dispatcher.request({
      origin: server.origin,
      path: server.prefix + request.path + queryString(request.query),
      method,
      headers: requestHeaders(headers, request),
      body: body === undefined || typeof body === 'string' ? (body ?? null) : JSON.stringify(body),
      signal: signal ?? null,
      headersTimeout: timeout,
      bodyTimeout: timeout,
    });
    const text = await response.body.text();
    if (response.statusCode < 400) {
      return { status: response.statusCode, body: parseBody(text), headers: response.headers };
    }
    const retryAfter = first(response.headers['retry-after']);
    throw apiError({ method, path: request.path }, response.statusCode, text, retryAfter);
  } catch (error) {
    throw transportError(error, { cluster: input.name, method, path: request.path, signal, proxied });
  }
}

async function stream(
  connections: Connections,
  input: ClusterInput,
  request: WatchRequest,
  onEvent: (event: WatchEvent) => void,
): Promise<void> {
  const { signal, path } = request;
  signal.throwIfAborted();
  const { dispatcher, server, headers, proxied } = await connections.forWatches();
  try {
    const response = await dispatcher.request({
      origin: server.origin,
      path: server.prefix + path + queryString({ ...request.query, watch: true }),
      method: 'GET',
      headers: requestHeaders(headers, request),
      signal,
      headersTimeout: input.timeoutMs,
      bodyTimeout: request.idleTimeoutMs ?? 0,
    });
    if (response.statusCode >= 400) {
      const text = await response.body.text();
      throw apiError(
        { method: 'WATCH', path },
        response.statusCode,
        text,
        first(response.headers['retry-after']),
      );
    }
    request.onOpen?.();
    const feed = lineSplitter((line) => onEvent(parseEvent(path, line)));
    for await (const chunk of response.body) feed(chunk);
  } catch (error) {
    if (error instanceof KubeApiError) throw error;
    throw transportError(error, { cluster: input.name, method: 'WATCH', path, signal, proxied });
  }
}

function parseEvent(path: string, line: string): WatchEvent {
  const event: { type: WatchEvent['type'] | 'ERROR'; object: KubeObject } = JSON.parse(line);
  if (event.type === 'ERROR') throw watchError(path, event.object);
  return { type: event.type, object: event.object };
}

function requestHeaders(
  credentials: Record<string, string>,
  request: Pick<KubeRequest, 'accept' | 'as' | 'contentType' | 'headers' | 'body'>,
): Record<string, string> {
  const headers: Record<string, string> = {
    ...credentials,
    accept: request.accept ?? 'application/json',
    'user-agent': 'slipway',
    ...impersonationHeaders(request.as),
    ...request.headers,
  };
  if (request.body !== undefined) headers['content-type'] = request.contentType ?? 'application/json';
  return headers;
}

function queryString(query: Query | undefined): string {
  if (!query) return '';
  const pairs = Object.entries(query).flatMap(([key, value]) =>
    value === undefined ? [] : [`${encodeURIComponent(key)}=${encodeURIComponent(String(value))}`],
  );
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}

function parseBody(text: string): JsonObject {
  if (text === '') return {};
  const parsed: JsonObject = JSON.parse(text);
  return parsed;
}

function first(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}
