import fastify, { type FastifyInstance } from 'fastify';
import { createHolders } from './holders.ts';
import { respondWithErrors, sendError } from './plugins/errors.ts';
import { servePages } from './plugins/pages.ts';
import { requireToken } from './plugins/tokens.ts';
import type { ServerPorts } from './ports.ts';
import { deliveriesRoutes } from './routes/api/deliveries.ts';
import { eventsRoute } from './routes/api/events.ts';
import { planRoutes } from './routes/api/plan.ts';
import { quarantineRoutes } from './routes/api/quarantine.ts';
import { releasesRoutes } from './routes/api/releases.ts';
import { targetsRoutes } from './routes/api/targets.ts';
import { releasePageRoute } from './routes/releases/page.ts';
import { webhookRoute } from './routes/webhooks/forge.ts';

/** Bytes of an API request; webhooks have their own bounds. */
const API_BODY_LIMIT = 64 * 1024;
/** Milliseconds to receive a whole request; forges give up after ten seconds. */
const REQUEST_TIMEOUT = 15_000;

/** Builds the server without starting it. */
export function buildApp(ports: ServerPorts): FastifyInstance {
  const app = fastify({
    logger: false,
    bodyLimit: API_BODY_LIMIT,
    // Node keeps to the longer one of the two: its default for headers is a minute.
    requestTimeout: REQUEST_TIMEOUT,
    http: {
      headersTimeout: REQUEST_TIMEOUT,
      requestTimeout: REQUEST_TIMEOUT,
      connectionsCheckingInterval: 1_000,
    },
    frameworkErrors: (error, request, reply) => {
      sendError(error, request, reply, ports.log);
    },
  });
  respondWithErrors(app, ports.log);
  const holders = createHolders(ports.tokens, ports.projects);
  void app.register((webhooks) => webhookRoute(webhooks, ports), { prefix: '/webhooks' });
  void app.register(
    async (api) => {
      requireToken(api, holders);
      await deliveriesRoutes(api, ports.deliveries);
      await targetsRoutes(api, ports);
      await releasesRoutes(api, ports);
      await planRoutes(api, ports);
      await quarantineRoutes(api, ports);
      await eventsRoute(api, ports.outbox);
    },
    { prefix: '/api' },
  );
  void app.register(
    async (pages) => {
      servePages(pages, ports.log);
      await releasePageRoute(pages, { ...ports, holders });
    },
    { prefix: '/releases' },
  );
  return app;
}
