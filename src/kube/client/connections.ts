import type { Dispatcher } from 'undici';
import type { CredentialSource } from './credentials.ts';
import type { Credentials } from './derive.ts';
import { createDispatcher } from './dispatcher.ts';

/** The connection and the credentials for one request. */
export interface Resolution {
  dispatcher: Dispatcher;
  server: { origin: string; prefix: string };
  headers: Record<string, string>;
  /** The kubeconfig names a proxy. */
  proxied: boolean;
}

export interface Connections {
  forRequests(): Promise<Resolution>;
  /** Separate from the connections of requests, because each watch occupies a connection while it runs. */
  forWatches(): Promise<Resolution>;
  close(): Promise<void>;
}

interface OpenConnections {
  /** Identifies what the connections were opened with: server, proxy and certificates. */
  fingerprint: string;
  server: { origin: string; prefix: string };
  requests: Dispatcher;
  watches: Dispatcher;
}

/** Keeps connections until the server's address or a certificate changes. A new token needs no new connection. */
export function createConnections(
  source: CredentialSource,
  maxRequests: number,
  environmentNamesProxy?: boolean,
): Connections {
  let connections: OpenConnections | undefined;
  let last: Credentials | undefined;

  const current = async (): Promise<{ credentials: Credentials; connections: OpenConnections }> => {
    const credentials = await source.current();
    if (connections && credentials === last) return { credentials, connections };
    const fingerprint = fingerprintOf(credentials);
    if (!connections || connections.fingerprint !== fingerprint) {
      if (connections) retire(connections);
      connections = open(credentials, fingerprint, maxRequests, environmentNamesProxy);
    }
    last = credentials;
    return { credentials, connections };
  };

  const resolve = async (use: 'requests' | 'watches'): Promise<Resolution> => {
    const { credentials, connections } = await current();
    const proxied = credentials.proxyUrl !== undefined;
    const { [use]: dispatcher, server } = connections;
    return { dispatcher, server, headers: credentials.headers, proxied };
  };

  return {
    forRequests: () => resolve('requests'),
    forWatches: () => resolve('watches'),
    async close() {
      if (!connections) return;
      await Promise.all([connections.requests.destroy(), connections.watches.destroy()]);
    },
  };
}

function open(
  credentials: Credentials,
  fingerprint: string,
  maxRequests: number,
  environmentNamesProxy: boolean | undefined,
): OpenConnections {
  const url = new URL(credentials.server);
  return {
    fingerprint,
    server: { origin: url.origin, prefix: url.pathname.replace(/\/$/, '') },
    requests: createDispatcher(credentials, { connections: maxRequests, environmentNamesProxy }),
    watches: createDispatcher(credentials, { environmentNamesProxy }),
  };
}

/**
 * Running requests may complete on the old connections. Watches are closed, because they would run for minutes with
 * credentials that may be revoked by now; they resume from their last version on new connections.
 */
function retire(connections: OpenConnections): void {
  connections.requests.close().catch(() => undefined);
  connections.watches.destroy().catch(() => undefined);
}

function fingerprintOf(credentials: Credentials): string {
  const { ca, cert, key, rejectUnauthorized, servername } = credentials.tls;
  const values = [credentials.server, credentials.proxyUrl, ca, cert, key, rejectUnauthorized, servername];
  return values.map((value) => (value === undefined ? '' : value.toString())).join('\n');
}
