import { X509Certificate } from 'node:crypto';
import { SlipwayError, toSlipwayError } from '../../errors.ts';
import type { KubeconfigSource } from '../input.ts';
import type { Authenticator } from './authenticator.ts';
import { type Credentials, derive, newAuthenticators } from './derive.ts';
import { fingerprint, type KubeContext, readContext } from './kubeconfig.ts';

export interface CredentialSource {
  /**
   * What there is now, looked at again every 20 s and when it expires. Throws CONFIG_INVALID or CLUSTER_UNREACHABLE;
   * the latter for whatever is wrong with files that were good before.
   */
  current(): Promise<Credentials>;
  /** How often `reload` has forgotten what was kept. */
  generation(): number;
  /**
   * Forgets everything kept: after a 401 and after a certificate that is not trusted, so that what was rotated is
   * picked up. Once for all requests that were sent in the same generation.
   */
  reload(generation: number): void;
}

/** How long an answer is kept before files are looked at again; client-go re-reads token files once a minute. */
const keepMs = 20_000;
/** Files that are being written are looked at again so soon. */
const soonMs = 1_000;
/** So long may files be half-written before what was good before is no longer used. */
const graceMs = 60_000;

interface Known {
  context: KubeContext;
  print: string;
  authenticators: Authenticator[];
}

interface Kept {
  value: Promise<Credentials>;
  until: number;
}

export function credentialSource(
  source: KubeconfigSource,
  contextName: string | undefined,
  now: () => number = () => Date.now(),
): CredentialSource {
  let known: Known | undefined;
  let kept: Kept | undefined;
  let good: { value: Credentials; at: number } | undefined;
  let wasGood = false;
  let generation = 0;

  const load = async (): Promise<Credentials> => {
    if (!known || known.print !== printOf(source, known.context)) {
      const context = readContext(source, contextName);
      known = { context, print: printOf(source, context), authenticators: newAuthenticators() };
    }
    return derive(known.context, known.authenticators);
  };

  const loadFresh = async (): Promise<Credentials> => {
    const value = await load();
    if (!known || expiryOf(value) > now()) return value;
    // A plugin that names no time of expiry would be remembered for good.
    known.authenticators = newAuthenticators();
    return derive(known.context, known.authenticators);
  };

  const look = async (): Promise<{ value: Credentials; keepForMs: number }> => {
    try {
      const value = await loadFresh();
      good = { value, at: now() };
      wasGood = true;
      return { value, keepForMs: Math.max(soonMs, Math.min(keepMs, expiryOf(value) - now())) };
    } catch (error) {
      known = undefined;
      if (good && now() - good.at <= graceMs) return { value: good.value, keepForMs: soonMs };
      throw wasGood ? unreadableNow(error) : error;
    }
  };

  const keep = (): Kept => {
    const entry: Kept = {
      until: now() + keepMs,
      value: look().then(({ value, keepForMs }) => {
        entry.until = now() + keepForMs;
        return value;
      }),
    };
    entry.value.catch(() => {
      if (kept === entry) kept = undefined;
    });
    return entry;
  };

  return {
    current() {
      if (!kept || kept.until <= now()) kept = keep();
      return kept.value;
    },
    generation: () => generation,
    reload(sentIn) {
      if (sentIn !== generation) return;
      generation += 1;
      kept = undefined;
      known = undefined;
      good = undefined;
    },
  };
}

function printOf(source: KubeconfigSource, { cluster, user }: KubeContext): string {
  return fingerprint(['files' in source ? source.files : [], cluster.caFile, user.certFile].flat());
}

/** It was valid once, so it is not the release that is wrong: it is repeated until the files are right again. */
function unreadableNow(error: unknown): SlipwayError {
  const { message, hint, place, code } = toSlipwayError(error);
  if (code === 'CLUSTER_UNREACHABLE' && error instanceof SlipwayError) return error;
  return new SlipwayError('CLUSTER_UNREACHABLE', message, { hint, place, cause: error });
}

/** Milliseconds since the epoch at which the client certificate ends; infinity where there is none. */
export function expiryOf({ tls }: Credentials): number {
  if (tls.cert === undefined) return Number.POSITIVE_INFINITY;
  return Date.parse(new X509Certificate(tls.cert).validTo);
}
