import type { Parts } from '../src/parts/parts.ts';
import { createPlans } from '../src/parts/plans.ts';
import { createStores } from '../src/parts/stores.ts';
import { startServer } from '../src/server/server.ts';
import { whenReady } from '../src/store/connection.ts';
import type { Service } from './runtime.ts';

/** Receives webhooks, serves the API and the release pages. */
export async function startServerService(parts: Parts): Promise<Service> {
  const { config, log } = parts;
  // Beside workers that wait for Redis, the webhook still has to fail fast: connections of its own.
  const producer = parts.connect('producer');
  const stores = createStores(config, producer);
  // A push in the first milliseconds shall not hear 503; with Redis down it has to.
  await whenReady(producer, 5_000);
  const plans = createPlans({ ...parts, ...stores });
  const server = await startServer({ ...parts, ...stores, plans, tokens: config.api.tokens }, config.listen);
  let listening = true;
  log.info({ url: server.url, publicUrl: config.publicUrl }, 'listening');
  return {
    name: 'server',
    isRunning: () => listening,
    async stop() {
      listening = false;
      await server.close();
      await stores.bells.close();
    },
  };
}
