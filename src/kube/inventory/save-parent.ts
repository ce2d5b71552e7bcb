import { isApiError } from '../client/api-error.ts';
import type { KubeClient } from '../client/client.ts';
import type { LeaseGuard } from '../lease-guard.ts';
import type { ApplySetParent, ApplySetParentChange } from './parent.ts';
import { rereadParent, writeParent } from './parent-requests.ts';

const tries = 5;

/**
 * Applies `change` to the parent and resolves to the parent as it then is. On a conflict, which means that somebody
 * wrote it meanwhile, the lease is checked; if this run still holds it, the parent is read and changed again.
 */
export async function saveParent(
  client: KubeClient,
  known: ApplySetParent,
  { lease, signal }: { lease: LeaseGuard; signal?: AbortSignal | undefined },
  change: (parent: ApplySetParent) => ApplySetParentChange,
): Promise<ApplySetParent> {
  let parent = known;
  for (let attempt = 1; ; attempt += 1) {
    await lease.beforeWrite();
    try {
      return await writeParent(client, parent, change(parent), signal);
    } catch (error) {
      if (!isApiError(error, 409) || attempt >= tries) throw error;
      await lease.check();
      parent = await rereadParent(client, parent, signal);
    }
  }
}
