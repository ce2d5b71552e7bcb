import type { KubeObject, ObjectRef } from '../../model/object.ts';
import { isApiError } from '../client/api-error.ts';
import { asEither } from '../client/as-either.ts';
import type { KubeClient } from '../client/client.ts';
import { objectPath, type Resource } from '../discovery/resource.ts';

/** An object as an account sees it. `unreadable`: the account may not get it; undefined: it does not exist. */
export type Found = KubeObject | 'unreadable' | undefined;

/** Who reads. */
export interface Reader {
  client: KubeClient;
  /** The account that the release writes as; undefined: Slipway's own. */
  account: string | undefined;
}

type Address = Pick<ObjectRef, 'namespace' | 'name'>;

/** Reads one object as the account that writes it, so that nobody is shown more than that account may see. */
export function readAsAccount(
  { client, account }: Reader,
  resource: Resource,
  address: Address,
  signal: AbortSignal,
): Promise<Found> {
  return get(client, resource, address, account, signal);
}

/** Reads one object with Slipway's own account, which may see what the release's account may not. */
export function readAsSlipway(
  { client }: Reader,
  resource: Resource,
  address: Address,
  signal: AbortSignal,
): Promise<Found> {
  return get(client, resource, address, undefined, signal);
}

/**
 * Reads one object with Slipway's own account, else with the release's, as the lists of `live/` do: Slipway's account
 * may lack the right to read Secrets that the project's has. Rejects with a KubeApiError of 403 if neither may.
 */
export async function readObject(
  { client, account }: Reader,
  resource: Resource,
  address: Address,
  signal: AbortSignal,
): Promise<KubeObject | undefined> {
  const path = objectPath(resource, address);
  try {
    const { body } = await asEither(account, (as) => client.request({ path, as, signal }));
    return body as KubeObject;
  } catch (error) {
    if (isApiError(error, 404)) return undefined;
    throw error;
  }
}

async function get(
  client: KubeClient,
  resource: Resource,
  address: Address,
  as: string | undefined,
  signal: AbortSignal,
): Promise<Found> {
  try {
    const { body } = await client.request({ path: objectPath(resource, address), as, signal });
    return body as KubeObject;
  } catch (error) {
    if (isApiError(error, 404)) return undefined;
    if (isApiError(error, 403)) return 'unreadable';
    throw error;
  }
}
