import { SlipwayError } from '../../errors.ts';
import { isApiError } from './api-error.ts';
import { type CredentialSource, expiryOf } from './credentials.ts';
import { isUntrusted } from './transport-error.ts';

/**
 * Reloads the credentials and sends once more if the cached ones are refused: a token or client certificate has
 * expired, or another authority now signs the server's certificate. Rejects with CLUSTER_FORBIDDEN if the new ones are
 * refused too; the error then names the expiry time of an expired client certificate.
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
    throw isApiError(error, 401) ? await credentialsRefused(cluster, source, error) : error;
  }
}

async function credentialsRefused(
  cluster: string,
  source: CredentialSource,
  cause: unknown,
): Promise<SlipwayError> {
  const expiry = expiryOf(await source.current());
  const ended = expiry < Date.now() ? `: its client certificate expired at ${isoTime(expiry)}` : '';
  return new SlipwayError(
    'CLUSTER_FORBIDDEN',
    `cluster ${cluster} does not accept Slipway's credentials${ended} (401)`,
    {
      hint: "Renew the token or client certificate in the cluster's kubeconfig. Slipway reads it again automatically; then retry the release.",
      cause,
    },
  );
}

function isoTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace('.000Z', 'Z');
}
