import type { FastifyInstance } from 'fastify';
import { errorPage } from '../../dashboard/error-page.ts';
import { pageHeaders } from '../../dashboard/layout.ts';
import type { Logger } from '../../telemetry/logger.ts';
import { type AnyError, failReply, toErrorResponse } from './errors.ts';

/** Everything that the routes of `app` serve is a page, an error too, and all have the same headers. */
export function servePages(app: FastifyInstance, log: Logger): void {
  app.addHook('onRequest', async (_request, reply) => {
    void reply.headers(pageHeaders);
  });
  app.setErrorHandler((error: AnyError, request, reply) => {
    const known = failReply(error, request, reply, log);
    // Fastify drops the content type of a reply that fails.
    return reply.type(pageHeaders['content-type']).send(errorPage(toErrorResponse(known)));
  });
}
