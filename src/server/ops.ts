import fastify, { type FastifyInstance } from 'fastify';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { respondWithErrors } from './plugins/errors.ts';
import type { ListenOptions, RunningServer } from './server.ts';

export interface OpsPorts {
  metrics: Metrics;
  log: Logger;
  /** By name: whether what this process needs is there. A check that rejects counts as no. */
  checks: Record<string, () => Promise<boolean>>;
  /** Updates gauges before they are read. */
  collect?: (() => Promise<void>) | undefined;
}

/** Milliseconds a check may take. */
const CHECK_TIMEOUT = 2_000;

async function passes(check: () => Promise<boolean>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), CHECK_TIMEOUT);
  });
  const response = check().catch(() => false);
  return Promise.race([response, late]).finally(() => clearTimeout(timer));
}

/** `/healthz` (this process lives), `/readyz` (what it needs is there), `/metrics` (for Prometheus). */
export function buildOps({ metrics, log, checks, collect }: OpsPorts): FastifyInstance {
  const app = fastify({ logger: false });
  respondWithErrors(app, log);
  app.get('/healthz', async () => ({ ok: true }));
  app.get('/readyz', async (_request, reply) => {
    const results = await Promise.all(
      Object.entries(checks).map(async ([name, check]) => [name, await passes(check)] as const),
    );
    const ok = results.every(([, passed]) => passed);
    void reply.code(ok ? 200 : 503);
    return { ok, checks: Object.fromEntries(results) };
  });
  app.get('/metrics', async (_request, reply) => {
    // Redis being away must not hide the other numbers.
    await collect?.().catch((error: unknown) => log.warn({ err: error }, 'gauges not updated'));
    void reply.header('content-type', metrics.registry.contentType);
    return metrics.registry.metrics();
  });
  return app;
}

/** On a port of its own, which no forge and no reader needs to reach. */
export async function startOps(ports: OpsPorts, listen: ListenOptions): Promise<RunningServer> {
  const app = buildOps(ports);
  const url = await app.listen(listen);
  ports.log.info({ url }, 'operations port listening');
  return { url, close: () => app.close() };
}
