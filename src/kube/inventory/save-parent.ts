import { isApiError } from '../client/api-error.ts';
import type { LeaseGuard } from '../lease-guard.ts';
import type { Session } from '../session.ts';
import type { ApplySetParent, ApplySetParentChange } from './parent.ts';
import { rereadParent, writeParent } from './parent-requests.ts';

const tries = 5;

/**
 * Changes the parent on top of what it is. A conflict means that somebody wrote meanwhile: the fence tells whether
 * that was the run that took over; if not, it is read and changed again.
 */
export async function saveParent(
  session: Session,
  writing: { lease: LeaseGuard; signal?: AbortSignal | undefined },
  change: (parent: ApplySetParent) => ApplySetParentChange,
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    await writing.lease.beforeWrite();
    try {
      session.parent = await writeParent(
        session.client,
        session.parent,
        change(session.parent),
        writing.signal,
      );
      return;
    } catch (error) {
      if (!isApiError(error, 409) || attempt >= tries) throw error;
      await writing.lease.look();
      session.parent = await rereadParent(session.client, session.parent, writing.signal);
    }
  }
}
