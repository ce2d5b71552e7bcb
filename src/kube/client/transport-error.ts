import { SlipwayError } from '../../errors.ts';

export interface Attempt {
  cluster: string;
  method: string;
  path: string;
  signal: AbortSignal | undefined;
  /** The kubeconfig names a proxy, which may be the unreachable part. */
  proxied: boolean;
}

const reasons: Record<string, string> = {
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was cut',
  UND_ERR_SOCKET: 'the connection was cut',
  UND_ERR_DESTROYED: 'the connection was closed',
  UND_ERR_CONNECT_TIMEOUT: 'no connection in time',
  UND_ERR_HEADERS_TIMEOUT: 'no response in time',
  UND_ERR_BODY_TIMEOUT: 'the response stopped half-way',
  ENOTFOUND: 'its host name is not known',
  EAI_AGAIN: 'its host name cannot be resolved now',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is not signed by the kubeconfig’s CA',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is not signed by the kubeconfig’s CA',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate is not signed by the kubeconfig’s CA',
  CERT_SIGNATURE_FAILURE: 'its certificate is not signed by the kubeconfig’s CA',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is not signed by the kubeconfig’s CA',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host name',
};

/** Errors that a renewed bundle of certificate authorities may fix. */
const untrusted = [
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_SIGNATURE_FAILURE',
];

/** Whether the request failed because no trusted authority has signed the server's certificate. */
export function isUntrusted(error: unknown): boolean {
  return error instanceof SlipwayError && untrusted.includes(errorCode(error.cause));
}

/** CLUSTER_UNREACHABLE for a failed connection; the signal's reason if it aborted. Returns a SlipwayError unchanged. */
export function transportError(error: unknown, attempt: Attempt): unknown {
  if (attempt.signal?.aborted) return attempt.signal.reason;
  if (error instanceof SlipwayError) return error;
  const code = errorCode(error);
  const why = proxyRefusal(error) ?? reasons[code] ?? (code || 'an unknown error');
  const how = attempt.proxied ? 'cannot be reached through the proxy of its kubeconfig' : 'cannot be reached';
  // The reason comes first: a commit status is cut after 140 characters.
  const message = `cluster ${attempt.cluster} ${how}: ${why} (${attempt.method} ${attempt.path})`;
  // A parser's error quotes its input, which may be a Secret.
  const cause = error instanceof SyntaxError ? undefined : error;
  return new SlipwayError('CLUSTER_UNREACHABLE', message, { cause });
}

/** undici reports the proxy's status only in the message. */
function proxyRefusal(error: unknown): string | undefined {
  const code = error instanceof Error && /^Proxy response \((\d+)\)/.exec(error.message)?.[1];
  if (!code) return undefined;
  return code === '407' ? 'the proxy requires other credentials (407)' : `the proxy responded with ${code}`;
}

function errorCode(error: unknown): string {
  if (!(error instanceof Error)) return '';
  if ('code' in error && typeof error.code === 'string') return error.code;
  if (error instanceof SyntaxError) return 'the response is not JSON';
  return error.name;
}
