import { SlipwayError, type SlipwayErrorOptions } from '../../errors.ts';
import { cutText } from '../../model/cut-text.ts';
import type { ErrorCode } from '../../model/error-code.ts';
import type { JsonObject } from '../../model/object.ts';

/** One entry of a Status' `details.causes`. */
export interface StatusCause {
  reason?: string | undefined;
  message?: string | undefined;
  field?: string | undefined;
}

/** The API server's Status for a refused request (meta/v1). Never log it: it may quote values of the object. */
export interface ApiStatus {
  code: number;
  reason: string;
  message: string;
  causes: StatusCause[];
  details: { name?: string | undefined; group?: string | undefined; kind?: string | undefined };
}

interface ErrorTexts {
  /** `the API server responded with 403`. */
  response: string;
  /** The part of the status that is safe to show. */
  detail: string;
  /** Method and path of the request. */
  request: string;
}

/** A response of the API server that reports an error. `message` is safe to show; `apiStatus.message` may quote values. */
export class KubeApiError extends SlipwayError {
  // Private, so that a logger that enumerates an error's properties does not write it.
  readonly #apiStatus: ApiStatus;
  /** The request was sent before and its response was lost: the server may have performed it already. */
  repeated = false;

  readonly #texts: ErrorTexts;

  constructor(code: ErrorCode, texts: ErrorTexts, apiStatus: ApiStatus, options: SlipwayErrorOptions = {}) {
    // The reason comes first: a commit status is cut after 140 characters.
    super(code, `${texts.response}: ${texts.detail} (${texts.request})`, options);
    this.#apiStatus = apiStatus;
    this.#texts = texts;
  }

  /** The same error without the server's message, which may quote masked values. */
  unquoted(): KubeApiError {
    const { code, retryAfterMs } = this;
    const texts = { ...this.#texts, detail: this.#apiStatus.reason };
    const unquoted = new KubeApiError(code, texts, this.#apiStatus, { retryAfterMs, hint: this.hint });
    unquoted.repeated = this.repeated;
    return unquoted;
  }

  get apiStatus(): ApiStatus {
    return this.#apiStatus;
  }
}

export function isApiError(error: unknown, ...codes: number[]): error is KubeApiError {
  return error instanceof KubeApiError && codes.includes(error.apiStatus.code);
}

/**
 * Whether the API server could not read objects because they cannot be converted to the requested version: their webhook
 * fails, or the version that they are stored in is gone. A read responds with 500, a list with 429 (`storage is
 * (re)initializing`), for as long as that lasts; other kinds are not concerned.
 */
export function isUnconvertible(error: unknown): error is KubeApiError {
  return error instanceof KubeApiError && unconvertible.test(error.apiStatus.message);
}

const unconvertible =
  /object not decodable|conversion webhook for .* failed: |request to convert CR (to|from) an invalid group\/version/;

const codes: Record<number, ErrorCode> = {
  400: 'OBJECT_INVALID',
  401: 'CLUSTER_FORBIDDEN',
  403: 'CLUSTER_FORBIDDEN',
  404: 'NOT_FOUND',
  405: 'OBJECT_INVALID',
  409: 'CLUSTER_CONFLICT',
  // The resourceVersion of a list or watch has expired: it must start again.
  410: 'CLUSTER_CONFLICT',
  413: 'OBJECT_INVALID',
  415: 'OBJECT_INVALID',
  422: 'OBJECT_INVALID',
  429: 'CLUSTER_BUSY',
};

/** The error for a response with a status of 400 or more. `retryAfter` is the value of the header. */
export function apiError(
  request: { method: string; path: string },
  code: number,
  body: string,
  retryAfter: string | undefined,
): KubeApiError {
  const status = parseStatus(code, body);
  const retryAfterMs = parseRetryAfter(retryAfter);
  const busy: ErrorCode = retryAfterMs === undefined ? 'CLUSTER_UNREACHABLE' : 'CLUSTER_BUSY';
  const errorCode = isObjectInvalid(status)
    ? 'OBJECT_INVALID'
    : (codes[code] ?? (code >= 500 ? busy : 'OBJECT_INVALID'));
  const texts = {
    response: `the API server responded with ${code}`,
    detail: mayQuoteSecrets(request.path, status) ? status.reason : clip(status.message),
    request: `${request.method} ${request.path}`,
  };
  const hint = errorCode === 'CLUSTER_UNREACHABLE' ? reachedHint : undefined;
  return new KubeApiError(errorCode, texts, status, { retryAfterMs, hint });
}

/** A response of 5xx says nothing about the kubeconfig. */
const reachedHint =
  'The API server was reached and reports this itself: correct what the message names, or see its log.';

/** The error for an `ERROR` event of a watch. */
export function watchError(path: string, status: JsonObject): KubeApiError {
  const code = typeof status.code === 'number' ? status.code : 500;
  return apiError({ method: 'WATCH', path }, code, JSON.stringify(status), undefined);
}

/**
 * Server-side apply responds with 500 and no reason if an object does not fit the schema (k8s.io/apimachinery,
 * managedfields/internal/structuredmerge.go), and so does etcd if an object is too large. The object is wrong, not the
 * server.
 */
function isObjectInvalid({ code, message }: ApiStatus): boolean {
  if (code !== 500) return false;
  return /^failed to (create typed patch object|convert new object)|^etcdserver: request is too large|field not declared in schema|request to convert CR (to|from) an invalid group\/version/.test(
    message,
  );
}

/** Messages of validation and admission quote the refused value; messages of access control do not. */
function mayQuoteSecrets(path: string, status: ApiStatus): boolean {
  if (!/\/secrets(\/|\?|$)/.test(path)) return false;
  return [400, 422, 500].includes(status.code) || /admission|denied/.test(status.message);
}

/** In characters. A message of the API server may repeat the whole object. */
const LONGEST_MESSAGE = 600;

function clip(text: string): string {
  return cutText(text, LONGEST_MESSAGE);
}

function parseStatus(code: number, body: string): ApiStatus {
  const fallback = { code, reason: `HTTP ${code}`, message: clip(body.trim()), causes: [], details: {} };
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return fallback;
  }
  if (!isStatus(parsed)) return fallback;
  const details = parsed.details ?? {};
  return {
    code,
    reason: parsed.reason ?? fallback.reason,
    message: parsed.message ?? '',
    causes: details.causes ?? [],
    details,
  };
}

interface RawStatus {
  kind: 'Status';
  reason?: string;
  message?: string;
  details?: { name?: string; group?: string; kind?: string; causes?: StatusCause[] };
}

function isStatus(value: unknown): value is RawStatus {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'Status';
}

/** Seconds or an HTTP date (RFC 9110 10.2.3), in milliseconds. */
function parseRetryAfter(text: string | undefined): number | undefined {
  if (!text) return undefined;
  const seconds = Number(text);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}
