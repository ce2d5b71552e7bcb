import { SlipwayError } from '../../errors.ts';

export interface Attempt {
  cluster: string;
  method: string;
  path: string;
  signal: AbortSignal | undefined;
}

const words: Record<string, string> = {
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was cut',
  UND_ERR_SOCKET: 'the connection was cut',
  UND_ERR_CONNECT_TIMEOUT: 'no connection in time',
  UND_ERR_HEADERS_TIMEOUT: 'no answer in time',
  UND_ERR_BODY_TIMEOUT: 'the answer stopped half-way',
  ENOTFOUND: 'its host name is not known',
  EAI_AGAIN: 'its host name cannot be resolved now',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is not signed by the kubeconfig’s CA',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is not signed by the kubeconfig’s CA',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is not signed by the kubeconfig’s CA',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host name',
};

/** A failed connection as CLUSTER_UNREACHABLE; the signal's own reason where it was the signal; ours as they are. */
export function transportError(error: unknown, attempt: Attempt): unknown {
  if (attempt.signal?.aborted) return attempt.signal.reason;
  if (error instanceof SlipwayError) return error;
  const code = errorCode(error);
  const why = words[code] ?? (code || 'an unknown error');
  const message = `cluster ${attempt.cluster} cannot be reached for ${attempt.method} ${attempt.path}: ${why}`;
  // A parser's error quotes what it read, and that may be a Secret.
  const cause = error instanceof SyntaxError ? undefined : error;
  return new SlipwayError('CLUSTER_UNREACHABLE', message, { cause });
}

function errorCode(error: unknown): string {
  if (!(error instanceof Error)) return '';
  if ('code' in error && typeof error.code === 'string') return error.code;
  if (error instanceof SyntaxError) return 'the answer is not JSON';
  return error.name;
}
