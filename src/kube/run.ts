import { isFinished } from '../health/index.ts';
import type { RenderedObject } from '../model/object.ts';
import { refKey, refOf } from '../model/object.ts';
import type { ClusterRun, LeaseCheck, ParentRecord } from '../ports/cluster.ts';
import { apply } from './apply/apply.ts';
import { partHooks } from './hooks/hook-object.ts';
import { runHooks } from './hooks/run-hooks.ts';
import { inventoryOf, sameInventory, union } from './inventory/applyset.ts';
import { type FinishedJobs, finishedJobs } from './inventory/finished-jobs.ts';
import { parentText } from './inventory/parent.ts';
import { deleteParent } from './inventory/parent-requests.ts';
import { saveParent } from './inventory/save-parent.ts';
import { withApplied } from './inventory/written.ts';
import { guardLease } from './lease-guard.ts';
import { ownEntry } from './managed-fields.ts';
import { prune } from './prune/prune.ts';
import type { Session } from './session.ts';
import { verifyApplied } from './verify/verify.ts';
import { writingOf } from './writing.ts';

/** The cluster side of one release, as the use cases see it. */
export function createRun(session: Session): ClusterRun {
  const { client, hub, members } = session;
  return {
    get record() {
      return session.parent.record;
    },
    get parent() {
      return parentText(session.parent);
    },
    get changes() {
      return { changes: session.changes };
    },
    apply: async (objects, options) => {
      const changes = await apply(session, objects, options);
      return { changes, unhealthy: session.unhealthy };
    },
    runHooks: async (moment, objects, options) => {
      const changes = await runHooks(session, partHooks(objects).hooks, moment, writingOf(options));
      session.changes.push(...changes);
      return { changes };
    },
    verify: (_objects, options) =>
      verifyApplied(
        [...session.applied.values()],
        {
          client,
          hub,
          members,
          applySetId: session.parent.id,
          evaluateHealth: session.evaluateHealth,
          masks: session.masks,
        },
        options,
      ),
    prune: async (objects, options) => ({ changes: await prune(session, objects, options) }),
    forget: (record, lease) => forget(session, record, lease),
    writeRecord: (record, objects, lease) => writeRecord(session, record, objects, lease),
  };
}

/** Record and inventory in one request. Without objects, what the parent covers stays what it is. */
async function writeRecord(
  session: Session,
  record: ParentRecord,
  objects: RenderedObject[] | undefined,
  lease: LeaseCheck,
): Promise<void> {
  // The last write of a release is not to be aborted; the fence alone decides.
  const signal = new AbortController().signal;
  const kept = session.survivors.map(refOf);
  await saveParent(session, { lease: guardLease(lease, signal) }, ({ inventory, written }) => ({
    inventory: objects
      ? union(inventoryOf(objects.map(({ object }) => refOf(object))), inventoryOf(kept))
      : inventory,
    record,
    finished: objects ? finishedJobs(partHooks(objects).objects) : finishedSoFar(session),
    written: objects && withApplied(written, session.applied.values()),
  }));
}

/** A release that fails leaves behind Jobs that have done their work, and that the next one need not do again. */
function finishedSoFar({ parent, wanted, applied }: Session): FinishedJobs {
  const ended = wanted.filter(({ object }) => {
    const one = applied.get(refKey(refOf(object)));
    return one !== undefined && (one.finished === true || isFinished(one.live));
  });
  return { ...parent.finished, ...finishedJobs(ended) };
}

/** Nothing to be forgotten is lost: the parent goes only in the version that was read, and only without members. */
async function forget(
  session: Session,
  record: ParentRecord | undefined,
  lease: LeaseCheck,
): Promise<boolean> {
  const { client, parent } = session;
  // What somebody else has put the label on is no reason to remember the target.
  const survivors = session.survivors.filter(ownEntry);
  if (survivors.length === 0) {
    await lease();
    await deleteParent(client, parent);
    return true;
  }
  const inventory = inventoryOf(survivors.map(refOf));
  if (record !== parent.record || !sameInventory(inventory, parent.inventory)) {
    const { signal } = new AbortController();
    await saveParent(session, { lease: guardLease(lease, signal) }, () => ({ inventory, record }));
  }
  return false;
}
