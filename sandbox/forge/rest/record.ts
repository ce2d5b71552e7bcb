import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { now } from '../clock.ts';
import { activeFaults } from '../faults.ts';
import { recordRequest, repositoryOf } from '../requests.ts';
import type { FaceState } from '../state.ts';

interface Kept {
  at: number;
  response: unknown;
}

/** The log of requests must not contain an installation's token. */
const withoutToken = (payload: unknown): unknown =>
  typeof payload === 'object' && payload !== null && 'token' in payload
    ? { ...payload, token: '***' }
    : payload;

/** Records every REST call of a face with its response, and delays or drops it if the faults ask for that. */
export const recordCalls = (app: FastifyInstance, face: FaceState): void => {
  const kept = new WeakMap<FastifyRequest, Kept>();
  app.addHook('onRequest', async (request, reply) => {
    kept.set(request, { at: now(), response: null });
    const faults = activeFaults(face, repositoryOf(face, request.url));
    if (faults.latencyMs !== undefined) await sleep(faults.latencyMs, undefined, { ref: false });
    if (faults.apiDown !== true) return;
    reply.hijack();
    request.raw.socket.destroy();
  });
  app.addHook('preSerialization', async (request, _reply, payload) => {
    const call = kept.get(request);
    if (call !== undefined) call.response = withoutToken(payload);
    return payload;
  });
  app.addHook('onResponse', async (request, reply) => {
    const call = kept.get(request);
    if (call !== undefined) recordRequest(face, request, { ...call, kind: 'rest', status: reply.statusCode });
  });
};
