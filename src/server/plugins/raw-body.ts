import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Metrics } from '../../telemetry/metrics.ts';
import type { BodyLease } from '../body-budget.ts';
import { createBodyBudget } from '../body-budget.ts';
import { checkLength, readBody } from '../read-body.ts';

declare module 'fastify' {
  interface FastifyRequest {
    bodyLease: BodyLease | null;
    /** The headers as sent; those of the request name bytes as the body's type. */
    sentHeaders: IncomingHttpHeaders | null;
  }
}

const MIB = 1024 * 1024;

/** Half of the large ones for one address: behind a proxy all webhooks come from one. */
const BOUNDS = { small: MIB, smallTogether: 16 * MIB, largeTogether: 100 * MIB, largeOfAddress: 50 * MIB };

/**
 * Bodies as raw bytes, whatever their type: signatures are over these. Bytes count as they arrive, until the response
 * is out.
 */
export function readRawBodies(app: FastifyInstance, metrics: Metrics): void {
  const lease = createBodyBudget(BOUNDS, metrics.bodies);
  app.decorateRequest('bodyLease', null);
  app.decorateRequest('sentHeaders', null);
  app.removeAllContentTypeParsers();
  app.addHook('onRequest', async (request, reply) => {
    checkLength(Number(request.headers['content-length'] ?? 0));
    // Fastify refuses a type that it cannot read before any parser is asked.
    request.sentHeaders = { ...request.headers };
    request.headers['content-type'] = 'application/octet-stream';
    const mine = lease(request.ip);
    request.bodyLease = mine;
    reply.raw.once('close', () => mine.free());
  });
  app.addContentTypeParser('*', (request: FastifyRequest, payload: IncomingMessage) =>
    readBody(payload, request.bodyLease ?? lease(request.ip)),
  );
}
