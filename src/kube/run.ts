import { isFinished } from '../health/index.ts';
import type { ObjectChange } from '../model/change-set.ts';
import { type KubeObject, type RenderedObject, refKey, refOf } from '../model/object.ts';
import type { ClusterRun, LeaseCheck, ParentRecord } from '../ports/cluster.ts';
import type { ReleaseContext } from './context.ts';
import { runHooks } from './hooks/run-hooks.ts';
import { inventoryOf, sameInventory, union } from './inventory/applyset.ts';
import { type FinishedJobs, finishedJobs } from './inventory/finished-jobs.ts';
import { type ApplySetParent, type ApplySetParentChange, parentText } from './inventory/parent.ts';
import { deleteParent } from './inventory/parent-requests.ts';
import { saveParent } from './inventory/save-parent.ts';
import { withDone } from './inventory/written.ts';
import { guardLease } from './lease-guard.ts';
import type { Live } from './live/live.ts';
import { ownEntry } from './managed-fields.ts';
import { separateHooks } from './plan/hook-object.ts';
import { prune } from './prune/prune.ts';
import { type ApplyResult, apply, nothingApplied } from './stages/apply.ts';
import { createPodReplacer } from './verify/replace-stuck-pods.ts';
import { verifyApplied } from './verify/verify.ts';
import { writingOf } from './writing.ts';

/** What a run remembers between its calls. */
interface RunState {
  /** As last read or written. */
  parent: ApplySetParent;
  applied: ApplyResult;
  /** What was done so far, also when a later stage throws. */
  changes: readonly ObjectChange[];
  /** Members that a prune left on the cluster: they stay in the inventory. */
  survivors: readonly KubeObject[];
}

/** The cluster side of one release, as the use cases see it; `opened` is the parent when it was opened. */
export function createRun(context: ReleaseContext, opened: ApplySetParent): ClusterRun {
  const { client } = context;
  let state: RunState = {
    parent: opened,
    applied: nothingApplied(opened, []),
    changes: [],
    survivors: [],
  };

  async function save(
    lease: LeaseCheck,
    change: (parent: ApplySetParent) => ApplySetParentChange,
  ): Promise<void> {
    // The last write of a release is not to be aborted; the lease alone decides.
    const { signal } = new AbortController();
    const parent = await saveParent(client, state.parent, { lease: guardLease(lease, signal) }, change);
    state = { ...state, parent };
  }

  return {
    get record() {
      return state.parent.record;
    },
    get parent() {
      return parentText(state.parent);
    },
    get changes() {
      return { changes: [...state.changes] };
    },
    async apply(objects, options) {
      state = { ...state, applied: nothingApplied(state.parent, separateHooks(objects).objects) };
      const applied = await apply(context, state.parent, objects, options);
      const { parent, changes, interruption } = applied;
      state = { ...state, applied, parent, changes };
      if (interruption) throw interruption.error;
      return { changes: [...changes], unhealthy: [...applied.unhealthy] };
    },
    async runHooks(moment, objects, options) {
      const isFirstRelease = context.isFirstRelease && !state.parent.takenOver;
      const { hooks } = separateHooks(objects);
      const changes = await runHooks({ ...context, isFirstRelease }, hooks, moment, writingOf(options));
      state = { ...state, changes: [...state.changes, ...changes] };
      return { changes };
    },
    async verify(_objects, { checkLease, onReplaced, ...options }) {
      const replacer = checkLease && createPodReplacer(context, writingOf({ ...options, checkLease }));
      const verifying = { ...context, replacer };
      const outcome = await verifyApplied([...state.applied.applied], verifying, options);
      const { applied, changes } = state;
      const finished = new Set([...applied.finished, ...outcome.finished]);
      state = { ...state, applied: { ...applied, finished }, changes: [...changes, ...outcome.replaced] };
      for (const change of outcome.replaced) onReplaced?.(change);
      return [...outcome.unhealthy];
    },
    async prune(objects, options) {
      const pruned = await prune(context, objects, state.applied, options);
      const { survivors, interruption, hasBegun } = pruned;
      const changes = hasBegun ? [...state.changes, ...pruned.changes] : state.changes;
      state = { ...state, survivors, changes };
      if (interruption) throw interruption.error;
      return { changes: [...pruned.changes] };
    },
    async forget(record, lease) {
      const { parent } = state;
      // That somebody else has put the label on an object is no reason to remember the target.
      const survivors = state.survivors.filter(ownEntry);
      if (survivors.length === 0) {
        await lease();
        // Nothing to be remembered is lost: the parent goes only in the version that was read.
        await deleteParent(client, parent);
        return true;
      }
      const inventory = inventoryOf(survivors.map(refOf));
      const isSame = record === parent.record && sameInventory(inventory, parent.inventory);
      if (!isSame) await save(lease, () => ({ inventory, record }));
      return false;
    },
    async writeRecord(record, objects, lease) {
      const done = objects && { objects, live: await context.live };
      await save(lease, (parent) => recorded(parent, state, record, done));
    },
  };
}

/** Record and inventory in one request. Without objects, the parent's inventory stays what it is. */
function recorded(
  parent: ApplySetParent,
  { applied, survivors, changes }: RunState,
  record: ParentRecord,
  done: { objects: RenderedObject[]; live: Live } | undefined,
): ApplySetParentChange {
  if (!done) {
    return { inventory: parent.inventory, record, finished: finishedSoFar(parent, applied), hookRuns: [] };
  }
  const { objects, live } = done;
  const refs = objects.map(({ object }) => refOf(object));
  const pruned = changes.flatMap(({ action, ref }) => (action === 'pruned' ? [ref] : []));
  const inventory = union(inventoryOf(refs), inventoryOf(survivors.map(refOf)));
  return {
    // Members in a gap are in no list: they would be forgotten if the inventory lost their kind.
    inventory: live.gaps.length === 0 ? inventory : parent.inventory,
    record,
    finished: finishedJobs(separateHooks(objects).objects),
    // The release has ended: no further attempt asks for them.
    hookRuns: [],
    written: withDone(parent.written, { listed: live.listed, applied: applied.applied, pruned }),
  };
}

/** A release that fails leaves Jobs behind that have done their work, and that the next one need not do again. */
function finishedSoFar(parent: ApplySetParent, { wanted, applied, finished }: ApplyResult): FinishedJobs {
  const atApply = applied.filter(({ live }) => isFinished(live)).map(({ ref }) => refKey(ref));
  const all = new Set([...finished, ...atApply]);
  const ended = wanted.filter(({ object }) => all.has(refKey(refOf(object))));
  return { ...parent.finished, ...finishedJobs(ended) };
}
