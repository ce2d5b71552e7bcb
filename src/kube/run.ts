import type { RenderedObject } from '../model/object.ts';
import { refOf } from '../model/object.ts';
import type { ClusterRun, Fence, ParentRecord } from '../ports/cluster.ts';
import { apply } from './apply.ts';
import { inventoryOf, union } from './applyset.ts';
import { watchFence } from './fence-watch.ts';
import { prune } from './prune.ts';
import { saveParent } from './save-parent.ts';
import type { Session } from './session.ts';
import { verifyApplied } from './verify.ts';
import type { WatchHub } from './watch-hub.ts';

/** The cluster side of one release, as the use cases see it. */
export function createRun(session: Session, hub: WatchHub): ClusterRun {
  const { client } = session;
  return {
    get record() {
      return session.parent.record;
    },
    get changes() {
      return { changes: session.changes };
    },
    apply: async (objects, options) => ({ changes: await apply(session, objects, options) }),
    verify: (_objects, options) =>
      verifyApplied(
        [...session.applied.values()],
        { client, hub, applySetId: session.parent.id, judge: session.judge },
        options,
      ),
    prune: async (objects, options) => ({ changes: await prune(session, objects, options) }),
    writeRecord: (record, objects, fence) => writeRecord(session, record, objects, fence),
  };
}

/** Record and inventory in one request. Without objects, what the parent covers stays what it is. */
async function writeRecord(
  session: Session,
  record: ParentRecord,
  objects: RenderedObject[] | undefined,
  fence: Fence,
): Promise<void> {
  // The last write of a release is not to be aborted; the fence alone decides.
  const signal = new AbortController().signal;
  const kept = session.survivors.map(refOf);
  await saveParent(session, { fence: watchFence(fence, signal) }, ({ inventory }) => ({
    inventory: objects
      ? union(inventoryOf(objects.map(({ object }) => refOf(object))), inventoryOf(kept))
      : inventory,
    record,
  }));
}
