import { X509Certificate } from 'node:crypto';
import { SlipwayError, toSlipwayError } from '../../errors.ts';
import type { KubeconfigSource } from '../input.ts';
import type { Authenticator } from './authenticator.ts';
import { type Credentials, derive, newAuthenticators } from './derive.ts';
import { fingerprint, type KubeContext, readContext } from './kubeconfig.ts';

export interface CredentialSource {
  /**
   * The current credentials, read again every 20 s and when they expire. Rejects with CONFIG_INVALID or
   * CLUSTER_UNREACHABLE; always with the latter if the files were valid before.
   */
  current(): Promise<Credentials>;
  /** How often `reload` has cleared the cache. */
  generation(): number;
  /**
   * Clears the cache after a 401 or an untrusted certificate, so that rotated credentials are used. Clears it once for
   * all requests that were sent in the same generation.
   */
  reload(generation: number): void;
}

/** How long credentials are cached before files are checked again; client-go re-reads token files once a minute. */
const cacheMs = 20_000;
/** How soon files that are being written are checked again. */
const recheckMs = 1_000;
/** How long the last valid credentials are used while the files are invalid, for example half-written. */
const graceMs = 60_000;

interface Loaded {
  context: KubeContext;
  fingerprint: string;
  authenticators: Authenticator[];
}

interface Cached {
  value: Promise<Credentials>;
  until: number;
}

export function credentialSource(
  source: KubeconfigSource,
  contextName: string | undefined,
  addSecret: (secret: string) => void = () => undefined,
): CredentialSource {
  /** Expiries are points in time; what is cached has an age, which a clock that is set must not change. */
  const now = () => performance.now();
  let loaded: Loaded | undefined;
  let cached: Cached | undefined;
  let lastValid: { value: Credentials; at: number } | undefined;
  let wasValid = false;
  let generation = 0;

  const load = async (): Promise<Credentials> => {
    if (!loaded || loaded.fingerprint !== fingerprintOf(source, loaded.context)) {
      const context = readContext(source, contextName);
      loaded = { context, fingerprint: fingerprintOf(source, context), authenticators: newAuthenticators() };
    }
    return derive(loaded.context, loaded.authenticators);
  };

  const loadFresh = async (): Promise<Credentials> => {
    const value = await load();
    if (!loaded || expiryOf(value) > Date.now()) return value;
    // Without an expiry time from the plugin, its credentials would be cached forever.
    loaded.authenticators = newAuthenticators();
    return derive(loaded.context, loaded.authenticators);
  };

  const refresh = async (): Promise<{ value: Credentials; validForMs: number }> => {
    try {
      const value = await loadFresh();
      for (const secret of secretsOf(value)) addSecret(secret);
      lastValid = { value, at: now() };
      wasValid = true;
      return { value, validForMs: Math.max(recheckMs, Math.min(cacheMs, expiryOf(value) - Date.now())) };
    } catch (error) {
      loaded = undefined;
      if (lastValid && now() - lastValid.at <= graceMs) {
        return { value: lastValid.value, validForMs: recheckMs };
      }
      throw wasValid ? asUnreachable(error) : error;
    }
  };

  const startRefresh = (): Cached => {
    const entry: Cached = {
      until: now() + cacheMs,
      value: refresh().then(({ value, validForMs }) => {
        entry.until = now() + validForMs;
        return value;
      }),
    };
    entry.value.catch(() => {
      if (cached === entry) cached = undefined;
    });
    return entry;
  };

  return {
    current() {
      if (!cached || cached.until <= now()) cached = startRefresh();
      return cached.value;
    },
    generation: () => generation,
    reload(sentIn) {
      if (sentIn !== generation) return;
      generation += 1;
      cached = undefined;
      loaded = undefined;
      lastValid = undefined;
    },
  };
}

function fingerprintOf(source: KubeconfigSource, { cluster, user }: KubeContext): string {
  return fingerprint(['files' in source ? source.files : [], cluster.caFile, user.certFile].flat());
}

/** The kubeconfig was valid before, so the release is retried until its files are valid again. */
function asUnreachable(error: unknown): SlipwayError {
  const { message, hint, place, code } = toSlipwayError(error);
  if (code === 'CLUSTER_UNREACHABLE' && error instanceof SlipwayError) return error;
  return new SlipwayError('CLUSTER_UNREACHABLE', message, { hint, place, cause: error });
}

/** What must not be shown of the credentials: the token, or the password and its encoded form, and the client's key. */
function secretsOf({ headers, tls }: Credentials): string[] {
  const [scheme, value = ''] = (headers.authorization ?? '').split(' ');
  const decoded = scheme === 'Basic' ? Buffer.from(value, 'base64').toString() : '';
  const password = decoded.slice(decoded.indexOf(':') + 1);
  return [value, password, String(tls.key ?? '')].filter((secret) => secret !== '');
}

/** When the client certificate expires, in milliseconds since the epoch; infinity if there is none. */
export function expiryOf({ tls }: Credentials): number {
  if (tls.cert === undefined) return Number.POSITIVE_INFINITY;
  return Date.parse(new X509Certificate(tls.cert).validTo);
}
