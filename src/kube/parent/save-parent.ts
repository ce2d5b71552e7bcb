import { isApiError } from '../client/api-error.ts';
import type { FenceWatch } from '../fence-watch.ts';
import type { Session } from '../session.ts';
import type { Parent, ParentChange } from './parent.ts';
import { rereadParent, writeParent } from './parent-requests.ts';

const tries = 5;

/**
 * Changes the parent on top of what it is. A conflict means that somebody wrote meanwhile: the fence tells whether
 * that was the run that took over; if not, it is read and changed again.
 */
export async function saveParent(
  session: Session,
  writing: { fence: FenceWatch; signal?: AbortSignal | undefined },
  change: (parent: Parent) => ParentChange,
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    await writing.fence.beforeWrite();
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
      await writing.fence.look();
      session.parent = await rereadParent(session.client, session.parent, writing.signal);
    }
  }
}
