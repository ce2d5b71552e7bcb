import type { ObjectChange } from '../../model/change-set.ts';
import { type RenderedObject, refOf } from '../../model/object.ts';
import type { ApplyOptions } from '../../ports/cluster.ts';
import { partHooks } from '../hooks/hook-object.ts';
import { runHooks, showNever } from '../hooks/run-hooks.ts';
import { covers, inventoryOf, union } from '../inventory/applyset.ts';
import { saveParent } from '../inventory/save-parent.ts';
import { checkOwnership } from '../ownership/check-ownership.ts';
import { type ApplyPlan, type PlannedObject, planApply } from '../plan/plan.ts';
import type { Session } from '../session.ts';
import type { Writing } from '../writing.ts';
import { writingOf } from '../writing.ts';
import { applyStages, type Progress } from './apply-stages.ts';
import { sourceOf } from './object-change.ts';
import { refusedBeforehand } from './unapplied.ts';

/**
 * Brings the cluster to `objects`, wave by wave. Every object has its change in the answer, and in
 * `session.changes` also when this throws. A failed object lets its wave end and stops all later ones.
 */
export async function apply(
  session: Session,
  objects: RenderedObject[],
  options: ApplyOptions,
): Promise<ObjectChange[]> {
  const writing = writingOf(options);
  session.complete = false;
  session.unhealthy = [];
  const { objects: plain, hooks } = partHooks(objects);
  session.wanted = plain;
  const run = writing.dryRun ? undefined : session.releaseKey;
  const planned = planApply(plain, await session.live, session.parent, session.ignores, run);
  const plan = await checkOwnership(session, planned, writing.signal);
  if (plan.problems.length > 0) return record(session, refusedBeforehand(plan));

  const progress: Progress = { objects: new Map(), hooks: showNever(hooks) };
  try {
    if (!writing.dryRun) await coverInventory(session, objects, writing);
    const reachedAll = await applyStages(session, plan, hooks, writing, progress);
    session.complete =
      reachedAll && ![...progress.objects.values()].some(({ action }) => action === 'failed');
    if (writing.dryRun) progress.hooks.push(...(await runHooks(session, hooks, 'post-deploy', writing)));
  } finally {
    const { hooks: hookChanges } = progress;
    record(session, [...session.namespaces.made, ...hookChanges, ...inPlanOrder(session, plan, progress)]);
  }
  return session.changes;
}

/** The superset goes first, so that nothing that is applied can ever be forgotten. */
async function coverInventory(session: Session, objects: RenderedObject[], writing: Writing): Promise<void> {
  const wanted = inventoryOf(objects.map(({ object }) => refOf(object)));
  if (session.parent.resourceVersion !== undefined && covers(session.parent.inventory, wanted)) return;
  await saveParent(session, writing, ({ inventory, record }) => ({
    inventory: union(inventory, wanted),
    record,
  }));
}

function inPlanOrder(session: Session, plan: ApplyPlan, { objects }: Progress): ObjectChange[] {
  return plan.waves.flat().map((planned) => objects.get(planned) ?? notReached(session, planned));
}

function notReached({ unhealthy }: Session, planned: PlannedObject): ObjectChange {
  const before = unhealthy.length > 0 ? 'what comes before it is not healthy' : 'an object before it failed';
  const reason = `not applied: ${before}`;
  return { ref: planned.ref, source: sourceOf(planned), action: 'skipped', fields: [], reason };
}

function record(session: Session, changes: ObjectChange[]): ObjectChange[] {
  session.changes = changes;
  return changes;
}
