import { SlipwayError } from '../../errors.ts';
import { isApiError } from './api-error.ts';
import { type CredentialSource, expiryOf } from './credentials.ts';
import { isUntrusted } from './transport-error.ts';

/**
 * Sends again with credentials that are read anew, once, where those that are kept are refused: a token or client
 * certificate that has expired, or a server whose certificate another authority signs by now. Rejects with
 * CLUSTER_FORBIDDEN where the new ones are refused too, and says when the certificate ended.
 */
export async function withFreshCredentials<T>(
  cluster: string,
  source: CredentialSource,
  send: () => Promise<T>,
): Promise<T> {
  const sentIn = source.generation();
  try {
    return await send();
  } catch (error) {
    if (!isApiError(error, 401) && !isUntrusted(error)) throw error;
  }
  source.reload(sentIn);
  try {
    return await send();
  } catch (error) {
    throw isApiError(error, 401) ? await notAccepted(cluster, source, error) : error;
  }
}

async function notAccepted(cluster: string, source: CredentialSource, cause: unknown): Promise<SlipwayError> {
  const expiry = expiryOf(await source.current());
  const ended = expiry < Date.now() ? `: its client certificate expired at ${isoTime(expiry)}` : '';
  return new SlipwayError(
    'CLUSTER_FORBIDDEN',
    `cluster ${cluster} does not accept Slipway's credentials${ended} (401)`,
    {
      hint: "Renew the token or client certificate in the cluster's kubeconfig. It is read again by itself; then retry the release.",
      cause,
    },
  );
}

function isoTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace('.000Z', 'Z');
}
