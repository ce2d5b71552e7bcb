import { getSystemErrorMessage } from 'node:util';
import { cutText } from './model/cut-text.ts';
import { defaultHint, type ErrorCode, httpStatusOf, isRetryable } from './model/error-code.ts';
import type { Failure, FailureDetails } from './model/failure.ts';
import type { ObjectRef } from './model/object.ts';
import type { SourcePlace } from './model/source-place.ts';

export interface SlipwayErrorOptions {
  /** Default: the hint of the code. */
  hint?: string | undefined;
  place?: SourcePlace | undefined;
  /** The object concerned. Without one, the error ends the whole release, and not only the change of one object. */
  object?: ObjectRef | undefined;
  details?: FailureDetails | undefined;
  /** Milliseconds to wait before the next attempt, if the other side asked for it (`Retry-After`). */
  retryAfterMs?: number | undefined;
  cause?: unknown;
}

/**
 * A failure that is thrown. `message` is its summary: one sentence without secrets, object and place, which
 * `describeFailure` adds.
 */
export class SlipwayError extends Error {
  readonly code: ErrorCode;
  readonly hint: string;
  readonly place: SourcePlace | undefined;
  readonly object: ObjectRef | undefined;
  readonly details: FailureDetails | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(code: ErrorCode, summary: string, options: SlipwayErrorOptions = {}) {
    super(summary, { cause: options.cause });
    this.name = 'SlipwayError';
    this.code = code;
    this.hint = options.hint ?? defaultHint(code);
    this.place = options.place;
    this.object = options.object;
    this.details = options.details;
    this.retryAfterMs = options.retryAfterMs;
  }

  get failure(): Failure {
    const { code, message: summary, object, place, hint, details } = this;
    return { code, summary, object, place, hint, details };
  }

  get retryable(): boolean {
    return isRetryable(this.code);
  }

  get status(): number {
    return httpStatusOf(this.code);
  }
}

/** A failure that was kept as a value, to be thrown again. */
export function errorOf({ code, summary, ...options }: Failure): SlipwayError {
  return new SlipwayError(code, summary, options);
}

/** Any thrown value as a SlipwayError, so that one type reaches logs, statuses and responses. */
export function toSlipwayError(error: unknown): SlipwayError {
  if (error instanceof SlipwayError) return error;
  return new SlipwayError('INTERNAL', messageOf(error), { cause: error });
}

/** Enough to recognize a bug; the log has the whole. */
const LONGEST_MESSAGE = 300;

/** Errors of the operating system name a path of the server (`ENOSPC: …, write '/var/…'`): people see it. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return cutText(String(error), LONGEST_MESSAGE);
  const errno = 'path' in error && 'errno' in error ? error.errno : undefined;
  return typeof errno === 'number' ? getSystemErrorMessage(errno) : cutText(error.message, LONGEST_MESSAGE);
}
