import { buildApp } from './app.ts';
import type { ServerPorts } from './ports.ts';

export interface ListenOptions {
  host: string;
  /** 0: a free one. */
  port: number;
}

export interface RunningServer {
  /** `http://host:port`, as bound. */
  url: string;
  /** Accepts no new requests, completes those in progress, then resolves. */
  close(): Promise<void>;
}

/** Starts to serve webhooks, the API and release pages. Rejects if the port is in use. */
export async function startServer(ports: ServerPorts, listen: ListenOptions): Promise<RunningServer> {
  const app = buildApp(ports);
  const url = await app.listen(listen);
  ports.log.info({ url }, 'server listening');
  return { url, close: () => app.close() };
}
