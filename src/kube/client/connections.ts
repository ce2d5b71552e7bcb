import type { Dispatcher } from 'undici';
import type { CredentialSource } from './credentials.ts';
import type { Credentials } from './derive.ts';
import { createDispatcher } from './dispatcher.ts';

/** The way to the server for one request, with what it needs to be let in. */
export interface Resolution {
  dispatcher: Dispatcher;
  server: { origin: string; prefix: string };
  headers: Record<string, string>;
  /** The kubeconfig names a proxy. */
  proxied: boolean;
}

export interface Connections {
  forRequests(): Promise<Resolution>;
  /** Apart from the requests' connections, because each watch occupies one for as long as it runs. */
  forWatches(): Promise<Resolution>;
  close(): Promise<void>;
}

interface Lines {
  /** Credentials of which the connections were made: server, proxy and certificates. */
  print: string;
  server: { origin: string; prefix: string };
  requests: Dispatcher;
  watches: Dispatcher;
}

/** Connections are kept until the server's address or a certificate changes; a new token needs no new ones. */
export function createConnections(
  source: CredentialSource,
  maxRequests: number,
  environmentNamesProxy?: boolean,
): Connections {
  let lines: Lines | undefined;
  let last: Credentials | undefined;

  const current = async (): Promise<{ credentials: Credentials; lines: Lines }> => {
    const credentials = await source.current();
    if (lines && credentials === last) return { credentials, lines };
    const print = printOf(credentials);
    if (!lines || lines.print !== print) {
      if (lines) retire(lines);
      lines = open(credentials, print, maxRequests, environmentNamesProxy);
    }
    last = credentials;
    return { credentials, lines };
  };

  const way = async (use: 'requests' | 'watches'): Promise<Resolution> => {
    const { credentials, lines } = await current();
    const proxied = credentials.proxyUrl !== undefined;
    return { dispatcher: lines[use], server: lines.server, headers: credentials.headers, proxied };
  };

  return {
    forRequests: () => way('requests'),
    forWatches: () => way('watches'),
    async close() {
      if (!lines) return;
      await Promise.all([lines.requests.destroy(), lines.watches.destroy()]);
    },
  };
}

function open(
  credentials: Credentials,
  print: string,
  maxRequests: number,
  environmentNamesProxy: boolean | undefined,
): Lines {
  const url = new URL(credentials.server);
  return {
    print,
    server: { origin: url.origin, prefix: url.pathname.replace(/\/$/, '') },
    requests: createDispatcher(credentials, { connections: maxRequests, environmentNamesProxy }),
    watches: createDispatcher(credentials, { environmentNamesProxy }),
  };
}

/**
 * Requests that are under way may end on the old connections. Watches would stay for minutes, let in by credentials
 * that may be revoked by now: they are cut, and go on from their last version on new ones.
 */
function retire(lines: Lines): void {
  lines.requests.close().catch(() => undefined);
  lines.watches.destroy().catch(() => undefined);
}

function printOf(credentials: Credentials): string {
  const { ca, cert, key, rejectUnauthorized, servername } = credentials.tls;
  const parts = [credentials.server, credentials.proxyUrl, ca, cert, key, rejectUnauthorized, servername];
  return parts.map((part) => (part === undefined ? '' : part.toString())).join('\n');
}
