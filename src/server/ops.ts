import fastify, { type FastifyInstance } from 'fastify';
import { describeFailure } from '../model/describe-failure.ts';
import type { Refusal } from '../ports/refused-reports.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { respondWithErrors } from './plugins/errors.ts';
import type { ListenOptions, RunningServer } from './server.ts';

export interface OpsPorts {
  metrics: Metrics;
  log: Logger;
  /** By name: whether what this process needs is there. A check that rejects counts as no. */
  checks: Record<string, () => Promise<boolean>>;
  /** What the forges refuse: shown, but no reason to take this process out of service. */
  refusals?: (() => Promise<Refusal[]>) | undefined;
  /** Updates gauges before they are read. */
  collect?: (() => Promise<unknown>) | undefined;
}

/** Milliseconds a check may take. */
const CHECK_TIMEOUT = 2_000;

/** Refusals that `/readyz` shows; the metric counts all. */
const MOST_REFUSALS = 20;

/** The response of `ask`; `otherwise` if it rejects or does not come in time. */
async function inTime<T>(ask: () => Promise<T>, otherwise: T): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<T>((resolve) => {
    timer = setTimeout(() => resolve(otherwise), CHECK_TIMEOUT);
  });
  const response = ask().catch(() => otherwise);
  return Promise.race([response, late]).finally(() => clearTimeout(timer));
}

function toResponse({ repository, reports, since, failure }: Refusal) {
  const reason = describeFailure(failure);
  return { repository, reports, since: new Date(since).toISOString(), reason, hint: failure.hint };
}

/** `/healthz` (this process lives), `/readyz` (what it needs is there), `/metrics` (for Prometheus). */
export function buildOps({
  metrics,
  log,
  checks,
  refusals = async () => [],
  collect,
}: OpsPorts): FastifyInstance {
  const app = fastify({ logger: false });
  respondWithErrors(app, log);
  app.get('/healthz', async () => ({ ok: true }));
  app.get('/readyz', async (_request, reply) => {
    const [refused, ...results] = await Promise.all([
      inTime(refusals, []),
      ...Object.entries(checks).map(async ([name, check]) => [name, await inTime(check, false)] as const),
    ]);
    const ok = results.every(([, passed]) => passed);
    void reply.code(ok ? 200 : 503);
    return {
      ok,
      checks: Object.fromEntries(results),
      ...(refused.length === 0 ? {} : { refusedStatuses: refused.slice(0, MOST_REFUSALS).map(toResponse) }),
    };
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
