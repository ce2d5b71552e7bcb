import { isApiError } from './api-error.ts';

/**
 * Reads with Slipway's own account, and as the release's account if Slipway's may not (403): with the documented rights
 * only the project's account reads Secrets and RBAC objects. Rejects as the second read does if neither may.
 */
export async function asEither<T>(
  account: string | undefined,
  read: (as: string | undefined) => Promise<T>,
): Promise<T> {
  try {
    return await read(undefined);
  } catch (error) {
    if (!isApiError(error, 403) || account === undefined) throw error;
    return read(account);
  }
}
