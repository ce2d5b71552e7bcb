import type { KubeClient } from '../client/client.ts';
import type { LeaseGuard } from '../lease-guard.ts';
import type { ApplySetParent } from './parent.ts';
import { saveParent } from './save-parent.ts';

/** Each takes about twenty bytes of the parent; further hooks of a release run again in its next attempt. */
const most = 200;

/**
 * The hook runs of one release that ended well and whose objects were deleted, by the id of each run. Kept on the parent:
 * the next attempt of the release would find nothing of them and do their work again.
 */
export interface HookRuns {
  hasEnded(run: string): boolean;
  /** Written before the objects are deleted. */
  remember(runs: string[], options: { lease: LeaseGuard; signal: AbortSignal }): Promise<void>;
}

/** `opened` is the parent when the release was opened. */
export function createHookRuns(client: KubeClient, opened: ApplySetParent): HookRuns {
  let parent = opened;
  return {
    hasEnded: (run) => parent.hookRuns.includes(run),
    async remember(runs, options) {
      // Others write the parent too: `saveParent` then reads it again.
      parent = await saveParent(client, parent, options, ({ inventory, record, hookRuns }) => ({
        inventory,
        record,
        hookRuns: [...hookRuns, ...runs].slice(0, most),
      }));
    },
  };
}
