import { Agent, type Dispatcher, EnvHttpProxyAgent, ProxyAgent, Socks5ProxyAgent } from 'undici';
import { SlipwayError } from '../../errors.ts';
import { type Credentials, secureContextOf } from './derive.ts';

export interface DispatcherOptions {
  /** Undefined: no limit (each watch holds a connection). */
  connections?: number | undefined;
  /** False: the process's environment names no proxy, so it is not checked at every request. */
  environmentNamesProxy?: boolean | undefined;
}

/**
 * Keep-alive connections to one API server: through the kubeconfig's proxy-url, else through the proxy of the process's
 * HTTP_PROXY, HTTPS_PROXY and NO_PROXY (client-go's order), else direct. HTTP/1.1 measured as fast as HTTP/2 here, and
 * a slow response does not block others.
 */
export function createDispatcher(credentials: Credentials, options: DispatcherOptions): Dispatcher {
  const { rejectUnauthorized, servername } = credentials.tls;
  const secureContext = secureContextOf(credentials.tls);
  const tls = {
    ...defined({ rejectUnauthorized, servername }),
    secureContext,
    keepAlive: true,
    keepAliveInitialDelay: 30_000,
  };
  const pool = {
    connections: options.connections ?? null,
    pipelining: 1,
    allowH2: false,
    // Shortly before the API server closes them (after 90 s); undici's 4 s would need a TLS handshake for each release.
    keepAliveTimeout: 80_000,
    keepAliveMaxTimeout: 80_000,
  };
  const { proxyUrl } = credentials;
  if (!proxyUrl && options.environmentNamesProxy === false) return new Agent({ ...pool, connect: tls });
  if (!proxyUrl) return new EnvHttpProxyAgent({ ...pool, connect: tls, requestTls: tls });
  if (proxyUrl.startsWith('socks5')) return new Socks5ProxyAgent(proxyUrl, { ...pool, requestTls: tls });
  if (proxyUrl.startsWith('http')) return new ProxyAgent({ ...pool, uri: proxyUrl, requestTls: tls });
  throw new SlipwayError(
    'CONFIG_INVALID',
    'the kubeconfig has a proxy-url that is neither http(s) nor socks5',
  );
}

function defined<T extends object>(value: T): Partial<T> {
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined)) as Partial<T>;
}
