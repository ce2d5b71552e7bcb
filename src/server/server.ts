import { buildApp } from './app.ts';
import type { ServerParts } from './parts.ts';

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
export async function startServer(parts: ServerParts, listen: ListenOptions): Promise<RunningServer> {
  const app = buildApp(parts);
  const url = await app.listen(listen);
  parts.log.info({ url }, 'server listening');
  return { url, close: () => app.close() };
}
