import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { SlipwayError } from '../../errors.ts';
import { describeFailure } from '../../model/describe-failure.ts';
import type { ErrorCode } from '../../model/error-code.ts';
import type { Logger } from '../../telemetry/logger.ts';

export type AnyError = FastifyError | SlipwayError;

/** The body of every response that is not a success. */
export interface ErrorResponse {
  code: ErrorCode;
  /** With the place and the object, if there are any. */
  message: string;
  hint: string;
}

/** Fastify's own errors (a body that is not JSON, an address that does not decode) as ours. */
function fromFastify(error: FastifyError): SlipwayError | undefined {
  if (error.statusCode === undefined || error.statusCode >= 500) return undefined;
  if (error.statusCode === 404) return new SlipwayError('NOT_FOUND', error.message);
  if (error.statusCode === 413) {
    return new SlipwayError('BODY_TOO_LARGE', error.message, { hint: 'Send less.' });
  }
  return new SlipwayError('USAGE', error.message, { hint: 'See docs/api.md.' });
}

/** A response reveals nothing about an error that is not a SlipwayError. */
function toKnown(error: AnyError): SlipwayError {
  if (error instanceof SlipwayError) return error;
  return fromFastify(error) ?? new SlipwayError('INTERNAL', 'something went wrong', { cause: error });
}

export function toErrorResponse({ code, failure, hint }: SlipwayError): ErrorResponse {
  return { code, message: describeFailure(failure), hint };
}

/** The one place where errors become responses: `{ code, message, hint }` with the status of the table of codes. */
export function respondWithErrors(app: FastifyInstance, log: Logger): void {
  app.setErrorHandler((error: AnyError, request, reply) => sendError(error, request, reply, log));
  app.setNotFoundHandler((request, reply) =>
    sendError(
      new SlipwayError('NOT_FOUND', `there is no ${request.method} ${pathOf(request)}`),
      request,
      reply,
      log,
    ),
  );
}

export function sendError(
  error: AnyError,
  request: FastifyRequest,
  reply: FastifyReply,
  log: Logger,
): FastifyReply {
  return reply.send(toErrorResponse(failReply(error, request, reply, log)));
}

/** Sets status and headers of a reply that failed, and logs unexpected errors; returns the error to report. */
export function failReply(
  error: AnyError,
  request: FastifyRequest,
  reply: FastifyReply,
  log: Logger,
): SlipwayError {
  const known = toKnown(error);
  const { code, status, retryAfterMs } = known;
  if (code === 'INTERNAL')
    log.error({ err: error, method: request.method, path: pathOf(request) }, 'request failed');
  if (status === 503) void reply.header('retry-after', Math.ceil((retryAfterMs ?? 1_000) / 1_000));
  void reply.code(status);
  return known;
}

/** Without the query, which holds the signature of a release page's address. */
function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0] ?? '';
}
