import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Metrics } from '../../telemetry/metrics.ts';
import type { BodyLease } from '../body-budget.ts';
import { createBodyBudget } from '../body-budget.ts';
import { checkLength, readBody } from '../read-body.ts';

declare module 'fastify' {
  interface FastifyRequest {
    bodyLease: BodyLease | null;
  }
}

/** Bytes of bodies that may be in flight at once, over all connections. */
const MOST_IN_FLIGHT = 64 * 1024 * 1024;

/**
 * Bodies as raw bytes, whatever their type: signatures are over these. What is announced is counted before a
 * byte is read, what arrives is counted as it comes, and all of it until the answer is out.
 */
export function readRawBodies(app: FastifyInstance, metrics: Metrics): void {
  const lease = createBodyBudget(MOST_IN_FLIGHT, metrics.bodies);
  app.decorateRequest('bodyLease', null);
  app.removeAllContentTypeParsers();
  app.addHook('onRequest', async (request, reply) => {
    const announced = Number(request.headers['content-length'] ?? 0);
    checkLength(announced);
    const mine = lease();
    mine.hold(announced);
    request.bodyLease = mine;
    reply.raw.once('close', () => mine.free());
  });
  app.addContentTypeParser('*', (request: FastifyRequest, payload: IncomingMessage) =>
    readBody(payload, request.bodyLease ?? lease()),
  );
}
