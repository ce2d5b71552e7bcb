import { createLinks } from '../src/composition/links.ts';
import type { Process } from '../src/composition/process.ts';
import { createStores } from '../src/composition/stores.ts';
import { createPlans } from '../src/planning/plans.ts';
import { startServer } from '../src/server/server.ts';
import { whenReady } from '../src/store/connection.ts';
import { createPlanRequests } from '../src/store/plans.ts';
import type { Service } from './runtime.ts';

/** Receives webhooks, serves the API and the release pages. */
export async function startServerService(process: Process): Promise<Service> {
  const { config, log } = process;
  // Workers in this process wait for Redis; a webhook must fail fast, so the server has its own connection.
  const producer = process.connect('producer');
  const stores = createStores(config, producer, process.projects);
  // A push in the first milliseconds must not be refused with 503; with Redis down it must be.
  await whenReady(producer, 5_000);
  const plans = createPlans(createPlanRequests(producer, stores.keys), stores.wakeUps);
  const links = createLinks(config, process.projects, stores.linkSecret);
  const server = await startServer(
    { ...process, ...stores, plans, links, tokens: config.api.tokens },
    config.listen,
  );
  let listening = true;
  log.info({ url: server.url, publicUrl: config.publicUrl }, 'listening');
  return {
    name: 'server',
    isRunning: () => listening,
    async stop() {
      listening = false;
      await server.close();
      await stores.wakeUps.close();
    },
  };
}
