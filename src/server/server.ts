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
  /** Takes no new request, answers those under way, then resolves. */
  close(): Promise<void>;
}

/** Starts to take webhooks, API requests and readers of release pages. Rejects where the port is taken. */
export async function startServer(ports: ServerPorts, listen: ListenOptions): Promise<RunningServer> {
  const app = buildApp(ports);
  const url = await app.listen(listen);
  ports.log.info({ url }, 'server listening');
  return { url, close: () => app.close() };
}
