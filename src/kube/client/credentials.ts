import { readFileSync } from 'node:fs';
import type { RequestOptions } from 'node:https';
import { ExecAuth } from '@kubernetes/client-node/dist/exec_auth.js';
import { FileAuth } from '@kubernetes/client-node/dist/file_auth.js';
import { SlipwayError } from '../../errors.ts';
import type { KubeconfigSource } from '../input.ts';
import { fingerprint, type KubeContext, readContext } from './kubeconfig.ts';

export interface TlsMaterial {
  ca?: Buffer | undefined;
  cert?: Buffer | string | undefined;
  key?: Buffer | string | undefined;
  rejectUnauthorized: boolean;
  servername?: string | undefined;
}

/** Everything one request needs to be let in. Never logged. */
export interface Credentials {
  server: string;
  proxyUrl?: string | undefined;
  tls: TlsMaterial;
  /** `authorization` where the user has a token or a password. */
  headers: Record<string, string>;
}

export interface CredentialSource {
  /** Throws CONFIG_INVALID, or CLUSTER_UNREACHABLE where an exec plugin failed. */
  current(): Promise<Credentials>;
  /** Forgets everything kept: called after a 401, so that a rotated token or certificate is picked up. */
  reload(): void;
}

/** How long an answer is kept before files are looked at again; client-go re-reads token files once a minute. */
const keepMs = 20_000;

interface Authenticator {
  isAuthProvider(user: KubeContext['user']): boolean;
  applyAuthentication(user: KubeContext['user'], options: RequestOptions): Promise<void>;
}

export function credentialSource(
  source: KubeconfigSource,
  contextName: string | undefined,
  now: () => number = Date.now,
): CredentialSource {
  let context: { value: KubeContext; print: string; authenticators: Authenticator[] } | undefined;
  let kept: { value: Promise<Credentials>; until: number } | undefined;

  const watched = (value: KubeContext | undefined) =>
    fingerprint(['files' in source ? source.files : [], value?.cluster.caFile, value?.user.certFile].flat());

  const load = async () => {
    if (!context || context.print !== watched(context.value)) {
      const value = readContext(source, contextName);
      const authenticators = context?.authenticators ?? [new ExecAuth(), new FileAuth()];
      context = { value, print: watched(value), authenticators };
    }
    return derive(context.value, context.authenticators);
  };

  return {
    current() {
      if (kept && kept.until > now()) return kept.value;
      const value = load();
      kept = { value, until: now() + keepMs };
      value.catch(() => {
        kept = undefined;
      });
      return value;
    },
    reload() {
      kept = undefined;
      context = undefined;
    },
  };
}

async function derive(context: KubeContext, authenticators: Authenticator[]): Promise<Credentials> {
  const { cluster, user } = context;
  const options: RequestOptions & { headers: Record<string, string> } = { headers: {} };
  await authenticate(user, authenticators, options);
  if (user.token) options.headers.Authorization = `Bearer ${user.token.trim()}`;
  if (user.username) options.headers.Authorization = basic(user.username, user.password ?? '');
  const authorization = options.headers.Authorization;
  return {
    server: cluster.server,
    proxyUrl: cluster.proxyUrl,
    tls: {
      ca: material(cluster.caFile, cluster.caData),
      cert: pem(options.cert) ?? material(user.certFile, user.certData),
      key: pem(options.key) ?? material(user.keyFile, user.keyData),
      rejectUnauthorized: !cluster.skipTLSVerify,
      servername: cluster.tlsServerName,
    },
    headers: authorization ? { authorization: authorization.trim() } : {},
  };
}

async function authenticate(
  user: KubeContext['user'],
  authenticators: Authenticator[],
  options: RequestOptions,
): Promise<void> {
  const known = authenticators.find((one) => one.isAuthProvider(user)) ?? (await openIdConnect(user));
  if (!known) return;
  try {
    await known.applyAuthentication(user, options);
  } catch (error) {
    throw new SlipwayError('CLUSTER_UNREACHABLE', `no credentials for the cluster from user ${user.name}`, {
      hint: 'Check the credential plugin or the token file that the kubeconfig names.',
      // A parser's error quotes what the plugin printed, and that is the token.
      cause: error instanceof SyntaxError ? undefined : error,
    });
  }
}

/** Loaded only where a kubeconfig asks for it, because it brings the library's generated API with it. */
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
  try {
    return readFileSync(file);
  } catch (error) {
    throw new SlipwayError('CONFIG_INVALID', 'a certificate or key named by the kubeconfig cannot be read', {
      place: { file },
      cause: error,
    });
  }
}

function pem(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function basic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}
