import type { ObjectChange } from '../../model/change-set.ts';
import type { Notice } from '../../model/notice.ts';
import { type RenderedObject, refOf } from '../../model/object.ts';
import type { ApplyOptions, Unhealthy } from '../../ports/cluster.ts';
import type { Applied } from '../apply/applied.ts';
import { refusedBeforehand } from '../apply/unapplied.ts';
import type { ReleaseContext } from '../context.ts';
import { runHooks, showNever } from '../hooks/run-hooks.ts';
import { covers, inventoryOf, union } from '../inventory/applyset.ts';
import type { ApplySetParent } from '../inventory/parent.ts';
import { saveParent } from '../inventory/save-parent.ts';
import { checkOwnership } from '../ownership/check-ownership.ts';
import { handOverReplicas } from '../ownership/hand-over-replicas.ts';
import { separateHooks } from '../plan/hook-object.ts';
import { type ApplyPlan, type PlannedObject, planApply } from '../plan/plan.ts';
import { stepsOf } from '../plan/steps.ts';
import { type Writing, writingOf } from '../writing.ts';
import {
  type ApplyProgress,
  andThen,
  appliedIn,
  hasFailed,
  type Stop,
  startProgress,
  withHooks,
} from './progress.ts';
import { takeSteps } from './take-steps.ts';

/** What an apply has done, also if it was interrupted. */
export interface ApplyResult {
  /** Every object of the app and every hook that was due has its change. */
  readonly changes: readonly ObjectChange[];
  /** The app's own objects, without its hooks. */
  readonly wanted: readonly RenderedObject[];
  readonly applied: readonly Applied[];
  /** The objects that a wait saw do their work to the end, by `refKey`. */
  readonly finished: ReadonlySet<string>;
  /** Whether every object is on the cluster: without it nothing is pruned. */
  readonly isComplete: boolean;
  /** What the apply waited for in vain before it could go on. */
  readonly unhealthy: readonly Unhealthy[];
  /** The parent as it then is. */
  readonly parent: ApplySetParent;
  /** What ended the apply and concerns no single object, for the caller to throw. */
  readonly interruption?: { error: unknown } | undefined;
}

/** The result of an apply that has not sent anything. */
export function nothingApplied(parent: ApplySetParent, wanted: readonly RenderedObject[]): ApplyResult {
  return { changes: [], wanted, applied: [], finished: new Set(), isComplete: false, unhealthy: [], parent };
}

/**
 * Brings the cluster to `objects`, wave by wave. A failed object lets its wave end and stops all later ones. Rejects
 * only before anything is sent; later, the result says what was done and what ended it.
 */
export async function apply(
  opened: ReleaseContext,
  parent: ApplySetParent,
  objects: RenderedObject[],
  options: ApplyOptions,
): Promise<ApplyResult> {
  const writing = writingOf(options);
  const { objects: wanted, hooks } = separateHooks(objects);
  const plan = await planOwned(opened, parent, wanted, writing);
  const context = plan.takesOver ? { ...opened, isFirstRelease: false } : opened;
  if (plan.problems.length > 0) {
    return { ...nothingApplied(parent, wanted), changes: refusedBeforehand(plan) };
  }
  const covered = await andThen(startProgress(parent, showNever(hooks)), (progress) =>
    writing.dryRun
      ? progress
      : coverInventory(context, objects, { writing, takesOver: plan.takesOver === true }, progress),
  );
  const steps = stepsOf(plan, hooks, context.isFirstRelease);
  const taken = await takeSteps({ context, plan, writing }, steps, covered);
  const progress = await andThen(taken, async (now) =>
    writing.dryRun ? withHooks(now, await runHooks(context, hooks, 'post-deploy', writing)) : now,
  );
  return { ...resultOf(progress, plan, context), wanted };
}

/** What is to be done; objects that belong to somebody else are problems of the plan. */
async function planOwned(
  context: ReleaseContext,
  { finished }: ApplySetParent,
  wanted: RenderedObject[],
  writing: Writing,
): Promise<ApplyPlan> {
  const { setId, ignores } = context;
  const releaseKey = writing.dryRun ? undefined : context.releaseKey;
  const plan = planApply(wanted, { live: await context.live, setId, finished, ignores, releaseKey });
  const handedOver = await handOverReplicas(context, plan, writing.signal);
  return checkOwnership(context, handedOver, writing.signal);
}

/**
 * The parent's inventory covers all objects before the first is applied, so that none can ever be forgotten. That
 * objects are taken over is written too: a later attempt finds them as the target's own.
 */
async function coverInventory(
  { client }: ReleaseContext,
  objects: RenderedObject[],
  { writing, takesOver }: { writing: Writing; takesOver: boolean },
  progress: ApplyProgress,
): Promise<ApplyProgress> {
  const wanted = inventoryOf(objects.map(({ object }) => refOf(object)));
  const { parent } = progress;
  const isCovered = parent.resourceVersion !== undefined && covers(parent.inventory, wanted);
  if (isCovered && (parent.takenOver || !takesOver)) return progress;
  const saved = await saveParent(client, parent, writing, ({ inventory, record }) => ({
    inventory: union(inventory, wanted),
    record,
    takenOver: parent.takenOver || takesOver,
  }));
  return { ...progress, parent: saved };
}

function resultOf(
  progress: ApplyProgress,
  plan: ApplyPlan,
  { namespaces }: ReleaseContext,
): Omit<ApplyResult, 'wanted'> {
  const { parent, stop } = progress;
  const objects = plan.waves
    .flat()
    .map((planned) => progress.changes.get(planned) ?? notReached(planned, stop));
  return {
    changes: [...namespaces.changes(), ...progress.hooks, ...objects, ...progress.replaced],
    applied: appliedIn(progress),
    finished: progress.finished,
    isComplete: !stop && !hasFailed(progress),
    unhealthy: stop?.kind === 'unhealthy' ? stop.unhealthy : [],
    parent,
    interruption: stop?.kind === 'interrupted' ? { error: stop.error } : undefined,
  };
}

function notReached(planned: PlannedObject, stop: Stop | undefined): ObjectChange {
  const summary =
    stop?.kind === 'unhealthy' ? 'an earlier object is not healthy' : 'an earlier object failed';
  const notice: Notice = { kind: 'not-applied', summary };
  return { ref: planned.ref, source: planned.rendered.source, action: 'skipped', fields: [], notice };
}
