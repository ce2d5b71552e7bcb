import { SlipwayError } from '../errors.ts';
import { cutText, onOneLine } from '../model/cut-text.ts';

/** The response of a forge to a call that it did not carry out. Never contains request headers. */
export interface BadResponse {
  status: number;
  /** The forge's own message. */
  message: string;
  /** By lower-case name. */
  headers: Record<string, string | number | undefined>;
}

/** The attempted action, such as `post a status on acme/loans`, with the forge's name in server.yaml. */
export interface Task {
  forge: string;
  what: string;
}

/** The forge did not respond, or asked to try later. */
export function unreachable(task: Task, reason: string, retryAfterMs?: number): SlipwayError {
  return new SlipwayError('FORGE_UNREACHABLE', `${task.forge} could not ${task.what}: ${oneLine(reason)}`, {
    retryAfterMs,
  });
}

/** What a refusal is about: the credentials, a commit that the forge does not have (yet), or the request itself. */
type RefusalCode = 'FORGE_REFUSED' | 'COMMIT_MISSING' | 'FORGE_INVALID';

/** The forge refused the call; the same call at once would be refused again. */
export function refused(code: RefusalCode, task: Task, response: BadResponse, hint: string): SlipwayError {
  const message = `${task.forge} refused to ${task.what}: ${response.status} ${oneLine(response.message)}`;
  return new SlipwayError(code, message, { hint });
}

/** Whether other credentials, more rights or another address of the repository would change the response. */
export function isAboutAccess(status: number): boolean {
  return status < 400 || status === 401 || status === 403 || status === 404;
}

/**
 * `Retry-After` in milliseconds: seconds or a date (RFC 9110, section 10.2.3); undefined if it is neither.
 * `now` in milliseconds since the epoch.
 */
export function retryAfterMs(value: string | number | undefined, now: number): number | undefined {
  if (value === undefined || value === '') return undefined;
  const seconds = Number(value);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(String(value)) - now;
  return Number.isFinite(ms) ? Math.max(ms, 0) : undefined;
}

/**
 * The forge's time when it responded, in milliseconds since the epoch (RFC 9110, section 6.6.1): its points in time are
 * compared with it, because the clock of this machine may differ. `now` if the response does not say.
 */
export function respondedAt(headers: BadResponse['headers'], now: number): number {
  const date = Date.parse(String(headers.date));
  return Number.isNaN(date) ? now : date;
}

/** Milliseconds until a reset that is given in seconds since the epoch, as in the rate limits of both forges. */
export function untilReset(value: string | number | undefined, now: number): number | undefined {
  const seconds = Number(value);
  if (value === undefined || !Number.isFinite(seconds)) return undefined;
  // One second more, because the headers are rounded.
  return Math.max(seconds * 1000 - now, 0) + 1000;
}

/** The innermost reason of a failed request: `connect ECONNREFUSED 127.0.0.1:1` instead of `fetch failed`. */
export function networkReason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause instanceof Error) return networkReason(error.cause);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return error.message || code || error.name;
}

/** The caller's signal combined with a time limit, which neither client offers. */
export function withDeadline(signal: AbortSignal | undefined, ms: number): AbortSignal {
  const deadline = AbortSignal.timeout(ms);
  return signal ? AbortSignal.any([signal, deadline]) : deadline;
}

function oneLine(text: string): string {
  return cutText(onOneLine(text), 200);
}
