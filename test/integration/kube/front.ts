import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { createConnections } from '../../../src/kube/client/connections.ts';
import { credentialSource } from '../../../src/kube/client/credentials.ts';
import type { JsonObject } from '../../../src/model/object.ts';
import { sandbox } from '../../support/sandbox.ts';

export interface FrontRequest {
  method: string;
  /** With the query. */
  path: string;
  headers: IncomingMessage['headers'];
}

interface MadeUpResponse {
  response: number;
  headers?: Record<string, string>;
  body?: JsonObject;
}

/** What happens to a request instead of being forwarded. */
export type Mischief =
  | MadeUpResponse
  /**
   * The connection ends: before the server has it, after it was performed, or half-way through the response. `silent`: it
   * was performed, and no response is ever sent.
   */
  | { cut: 'before' | 'after' | 'midway' | 'silent' }
  | { change: (body: JsonObject) => JsonObject };

/** A proxy to the sandbox's API server, as administrator, that responds in its place if a test says so. */
export interface Front {
  kubeconfig: { content: string };
  url: string;
  requests: FrontRequest[];
  /** Called for each request; undefined: it is forwarded. */
  mischief: (request: FrontRequest) => Mischief | undefined;
  /** Ends all open watches. */
  cutWatches(): void;
  /** The open watches stay open and show nothing more, until the function that is returned is called. */
  holdWatches(): () => void;
  close(): Promise<void>;
}

export async function startFront(): Promise<Front> {
  const source = credentialSource({ files: [sandbox().kubeconfig] }, undefined);
  const connections = createConnections(source, 64);
  const watches = new Set<ServerResponse>();
  const front: Front = {
    kubeconfig: { content: '' },
    url: '',
    requests: [],
    mischief: () => undefined,
    cutWatches() {
      for (const watch of watches) watch.destroy();
    },
    holdWatches() {
      const held = [...watches];
      for (const watch of held) watch.cork();
      return () => {
        for (const watch of held) watch.uncork();
      };
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await connections.close();
    },
  };
  const server = createServer((request, response) => {
    handle(front, connections, { request, response, watches }).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the front has no port');
  front.url = `http://127.0.0.1:${address.port}`;
  front.kubeconfig.content = kubeconfigFor(front.url);
  return front;
}

/** JSON is YAML too. */
export function kubeconfigFor(server: string, user: JsonObject = {}, cluster: JsonObject = {}): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster: { server, ...cluster } }],
    users: [{ name: 'u', user }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  });
}

interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  watches: Set<ServerResponse>;
}

async function handle(
  front: Front,
  connections: ReturnType<typeof createConnections>,
  { request, response, watches }: Exchange,
): Promise<void> {
  const { method = 'GET', url: path = '/', headers } = request;
  const received = { method, path, headers };
  front.requests.push(received);
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const mischief: Mischief | undefined = front.mischief(received);
  if (mischief && 'response' in mischief) return respond(response, mischief);
  const cut = mischief && 'cut' in mischief ? mischief.cut : undefined;
  if (cut === 'before') return void response.destroy();

  const way = await connections.forRequests();
  const { host: _host, authorization: _authorization, connection: _connection, ...passed } = headers;
  const real = await way.dispatcher.request({
    origin: way.server.origin,
    path,
    method,
    headers: { ...passed, ...way.headers } as Record<string, string>,
    body: chunks.length > 0 ? Buffer.concat(chunks) : null,
  });
  if (real.statusCode === 200 && path.includes('watch=true')) {
    watches.add(response);
    response.on('close', () => watches.delete(response)).on('close', () => real.body.destroy());
    response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders();
    await pipeline(real.body, response);
    return;
  }
  const text = await real.body.text();
  if (cut === 'after') return void response.destroy();
  if (cut === 'silent') return;
  const body = mischief && 'change' in mischief ? JSON.stringify(mischief.change(JSON.parse(text))) : text;
  const { 'content-length': _length, 'transfer-encoding': _encoding, ...sent } = real.headers;
  response.writeHead(real.statusCode, { ...sent, 'content-length': Buffer.byteLength(body) });
  if (cut === undefined) return void response.end(body);
  response.write(body.slice(0, body.length / 2), () => response.destroy());
}

function respond(response: ServerResponse, { response: code, headers, body }: MadeUpResponse): void {
  const status = {
    kind: 'Status',
    apiVersion: 'v1',
    status: 'Failure',
    code,
    message: `made up ${code}`,
    ...body,
  };
  response.writeHead(code, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(status));
}
