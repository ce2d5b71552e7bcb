import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { text } from 'node:stream/consumers';

export interface Seen {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

/** `drop`: the connection ends without a response. */
export type Scripted = { status: number; headers?: Record<string, string>; body?: unknown } | 'drop';

/** A server that sends the responses in order, and then repeats the last one: for responses that the sandbox's forge never sends. */
export interface ScriptedServer {
  url: string;
  seen: Seen[];
  stop(): Promise<void>;
}

export async function startScripted(responses: Scripted[]): Promise<ScriptedServer> {
  const seen: Seen[] = [];
  const server: Server = createServer(async (request, response) => {
    const { method = '', url = '', headers } = request;
    seen.push({ method, path: url, headers, body: await text(request) });
    const scripted = responses[Math.min(seen.length, responses.length) - 1];
    if (scripted === undefined || scripted === 'drop') {
      request.socket.destroy();
      return;
    }
    // The real time, while tests set the clock.
    response.sendDate = false;
    response.writeHead(scripted.status, { 'content-type': 'application/json', ...scripted.headers });
    response.end(JSON.stringify(scripted.body ?? {}));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    seen,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
