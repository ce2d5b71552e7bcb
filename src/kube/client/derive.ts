import { readFileSync } from 'node:fs';
import type { RequestOptions } from 'node:https';
import { createSecureContext, type SecureContext } from 'node:tls';
import { FileAuth } from '@kubernetes/client-node/dist/file_auth.js';
import { SlipwayError } from '../../errors.ts';
import type { Authenticator } from './authenticator.ts';
import { execPlugins } from './exec-plugin.ts';
import type { KubeContext } from './kubeconfig.ts';

export interface TlsMaterial {
  ca?: Buffer | undefined;
  cert?: Buffer | string | undefined;
  key?: Buffer | string | undefined;
  rejectUnauthorized: boolean;
  servername?: string | undefined;
}

/** Everything that authenticates a request. Never log it. */
export interface Credentials {
  server: string;
  proxyUrl?: string | undefined;
  tls: TlsMaterial;
  /** `authorization` if the user has a token or a password. */
  headers: Record<string, string>;
}

export function newAuthenticators(): Authenticator[] {
  return [execPlugins(), new FileAuth()];
}

/** The current credentials of the context's user. Rejects with CONFIG_INVALID, or CLUSTER_UNREACHABLE if a plugin fails. */
export async function derive(context: KubeContext, authenticators: Authenticator[]): Promise<Credentials> {
  const { cluster, user } = context;
  const options: RequestOptions & { headers: Record<string, string> } = { headers: {} };
  await authenticate(context, authenticators, options);
  if (user.token) options.headers.Authorization = `Bearer ${user.token.trim()}`;
  if (user.username) options.headers.Authorization = basic(user.username, user.password ?? '');
  const authorization = options.headers.Authorization;
  const tls = {
    ca: material(cluster.caFile, cluster.caData),
    cert: pem(options.cert) ?? material(user.certFile, user.certData),
    key: pem(options.key) ?? material(user.keyFile, user.keyData),
    rejectUnauthorized: !cluster.skipTLSVerify,
    servername: cluster.tlsServerName,
  };
  secureContextOf(tls);
  return {
    server: cluster.server,
    proxyUrl: cluster.proxyUrl,
    tls,
    headers: authorization ? { authorization: authorization.trim() } : {},
  };
}

/**
 * The secure context of the connections, created once: parsing certificates and key takes a third of the time of a new
 * connection. Throws CLUSTER_UNREACHABLE if certificate and key do not match, for example if only one file is renewed.
 */
export function secureContextOf({ ca, cert, key }: TlsMaterial): SecureContext {
  const material = Object.entries({ ca, cert, key }).filter(([, value]) => value !== undefined);
  try {
    if ((cert === undefined) !== (key === undefined)) throw new Error('a client certificate needs its key');
    return createSecureContext(Object.fromEntries(material));
  } catch (error) {
    throw new SlipwayError('CLUSTER_UNREACHABLE', 'the certificates of the kubeconfig cannot be used', {
      hint: 'The certificate authority, client certificate and key must be PEM, and the key must match the client certificate.',
      cause: error,
    });
  }
}

async function authenticate(
  { user, cluster }: KubeContext,
  authenticators: Authenticator[],
  options: RequestOptions,
): Promise<void> {
  const authenticator = authenticators.find((one) => one.isAuthProvider(user)) ?? (await openIdConnect(user));
  if (!authenticator) return;
  try {
    await authenticator.applyAuthentication(user, options, cluster);
  } catch (error) {
    const plugin = typeof user.exec?.command === 'string' ? `: ${user.exec.command} returned none` : '';
    const message = `no credentials for the cluster from user ${user.name}${plugin}`;
    throw new SlipwayError('CLUSTER_UNREACHABLE', message, {
      hint: 'Check the credential plugin or the token file in the kubeconfig.',
      // A parser's error quotes the plugin's output, which contains the token.
      cause: error instanceof SyntaxError ? undefined : error,
    });
  }
}

/** Loaded only if a kubeconfig needs it, because it loads the library's generated API too. */
async function openIdConnect(user: KubeContext['user']): Promise<Authenticator | undefined> {
  const provider: unknown = user.authProvider?.name;
  if (provider === undefined) return undefined;
  if (provider === 'oidc') {
    const { OpenIDConnectAuth } = await import('@kubernetes/client-node/dist/oidc_auth.js');
    return new OpenIDConnectAuth();
  }
  throw new SlipwayError('CONFIG_INVALID', `the kubeconfig uses the auth provider ${String(provider)}`, {
    hint: 'Kubernetes removed this provider in 1.26: use its exec credential plugin.',
  });
}

function material(file: string | undefined | null, data: string | undefined | null): Buffer | undefined {
  if (data) return Buffer.from(data, 'base64');
  if (!file) return undefined;
  const invalid = (why: string, cause?: unknown) =>
    new SlipwayError('CONFIG_INVALID', `a certificate or key named by the kubeconfig ${why}`, {
      place: { file },
      hint: 'Check the file and its path in the kubeconfig.',
      cause,
    });
  let content: Buffer;
  try {
    content = readFileSync(file);
  } catch (error) {
    throw invalid('cannot be read', error);
  }
  if (content.length === 0) throw invalid('is empty');
  return content;
}

function pem(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function basic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}
