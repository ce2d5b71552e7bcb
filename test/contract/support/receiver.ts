import { once } from 'node:events';
import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { WebhookRequest } from '../../../src/ports/forge.ts';

/** A server that keeps webhook requests byte for byte and responds with 202. */
export interface Receiver {
  url: string;
  received: WebhookRequest[];
  stop(): Promise<void>;
}

export async function startReceiver(): Promise<Receiver> {
  const received: WebhookRequest[] = [];
  const server = createServer(async (request, response) => {
    received.push({ headers: request.headers, body: await buffer(request) });
    response.writeHead(202).end();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `http://127.0.0.1:${address.port}/`,
    received,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
