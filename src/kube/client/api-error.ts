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

/** What the API server says of a refused request (meta/v1 Status). May quote values of the object: not for logs. */
export interface ApiStatus {
  code: number;
  reason: string;
  message: string;
  causes: StatusCause[];
  details: { name?: string | undefined; group?: string | undefined; kind?: string | undefined };
}

interface Words {
  answered: string;
  /** What of the status is safe to show. */
  said: string;
  /** Method and path of the request. */
  asked: string;
}

/** An answer of the API server that is no success. `message` is safe to show; `apiStatus.message` may quote values. */
export class KubeApiError extends SlipwayError {
  // Private, so that no logger that walks over an error's properties ever writes it.
  readonly #apiStatus: ApiStatus;
  /** The request was sent before, and that answer was lost: the server may have performed it then. */
  repeated = false;

  readonly #words: Words;

  constructor(code: ErrorCode, words: Words, apiStatus: ApiStatus, options: SlipwayErrorOptions = {}) {
    // The reason first: a commit status ends after 140 characters.
    super(code, `${words.answered}: ${words.said} (${words.asked})`, options);
    this.#apiStatus = apiStatus;
    this.#words = words;
  }

  /** The same without the server's own sentence, which may quote what is hidden. */
  unquoted(): KubeApiError {
    const { code, retryAfterMs } = this;
    const words = { ...this.#words, said: this.#apiStatus.reason };
    const quiet = new KubeApiError(code, words, this.#apiStatus, { retryAfterMs });
    quiet.repeated = this.repeated;
    return quiet;
  }

  get apiStatus(): ApiStatus {
    return this.#apiStatus;
  }
}

export function isApiError(error: unknown, ...codes: number[]): error is KubeApiError {
  return error instanceof KubeApiError && codes.includes(error.apiStatus.code);
}

const codes: Record<number, ErrorCode> = {
  400: 'OBJECT_INVALID',
  401: 'CLUSTER_FORBIDDEN',
  403: 'CLUSTER_FORBIDDEN',
  404: 'NOT_FOUND',
  405: 'OBJECT_INVALID',
  409: 'CLUSTER_CONFLICT',
  // A list or watch that must start again from the beginning.
  410: 'CLUSTER_CONFLICT',
  413: 'OBJECT_INVALID',
  415: 'OBJECT_INVALID',
  422: 'OBJECT_INVALID',
  429: 'CLUSTER_BUSY',
};

/** The error for an answer with a status of 400 or more. `retryAfter` is the header's text. */
export function apiError(
  request: { method: string; path: string },
  code: number,
  body: string,
  retryAfter: string | undefined,
): KubeApiError {
  const status = parseStatus(code, body);
  const retryAfterMs = parseRetryAfter(retryAfter);
  const busy: ErrorCode = retryAfterMs === undefined ? 'CLUSTER_UNREACHABLE' : 'CLUSTER_BUSY';
  const errorCode = isObjectsFault(status)
    ? 'OBJECT_INVALID'
    : (codes[code] ?? (code >= 500 ? busy : 'OBJECT_INVALID'));
  const said = mayQuoteSecrets(request.path, status) ? status.reason : clip(status.message);
  const answered = `the API server answered ${code}`;
  const asked = `${request.method} ${request.path}`;
  return new KubeApiError(errorCode, { answered, said, asked }, status, { retryAfterMs });
}

/** The error for a `ERROR` event within a watch. */
export function watchError(path: string, status: JsonObject): KubeApiError {
  const code = typeof status.code === 'number' ? status.code : 500;
  return apiError({ method: 'WATCH', path }, code, JSON.stringify(status), undefined);
}

/**
 * Server-side apply answers 500 without a reason to an object that does not fit the schema (k8s.io/apimachinery,
 * managedfields/internal/structuredmerge.go), and so does etcd to one that is too large: the object is wrong, not the
 * server.
 */
function isObjectsFault({ code, message }: ApiStatus): boolean {
  if (code !== 500) return false;
  return /^failed to (create typed patch object|convert new object)|^etcdserver: request is too large/.test(
    message,
  );
}

/** Validation and admission messages quote the value they refuse; those of access control do not. */
function mayQuoteSecrets(path: string, status: ApiStatus): boolean {
  if (!/\/secrets(\/|\?|$)/.test(path)) return false;
  return [400, 422, 500].includes(status.code) || /admission|denied/.test(status.message);
}

/** Characters of a message of the API server: it may repeat the whole object. */
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
