import { SlipwayError } from '../errors.ts';
import type { ObjectChange } from '../model/change-set.ts';
import { describeRef, type KubeObject, type RenderedObject, refOf } from '../model/object.ts';
import type { ApplyOptions } from '../ports/cluster.ts';
import { applyObject, sourceOf, type Writing } from './apply-object.ts';
import { covers, inventoryOf, union } from './applyset.ts';
import { isDefinition, waitUntilServed } from './established.ts';
import { watchFence } from './fence-watch.ts';
import { refuseOthers } from './ownership/look.ts';
import { inParallel } from './parallel.ts';
import { type ApplyPlan, type PlannedObject, planApply } from './plan.ts';
import { saveParent } from './save-parent.ts';
import { note, type Session } from './session.ts';
import { ownerTarget, refusedBeforehand, uncheckable } from './unapplied.ts';

/**
 * Brings the cluster to `objects`, wave by wave. Every object has its change in the answer, and in
 * `session.changes` also when this throws. A failed object lets its wave end and stops all later ones.
 */
export async function apply(
  session: Session,
  objects: RenderedObject[],
  options: ApplyOptions,
): Promise<ObjectChange[]> {
  const { signal, dryRun = false } = options;
  const writing: Writing = { signal, dryRun, fence: watchFence(options.fence, signal) };
  session.complete = false;
  const planned = planApply(objects, await session.live, session.parent.id);
  const plan = await refuseOthers(session, planned, signal);
  if (plan.problems.length > 0) return record(session, refusedBeforehand(plan));

  const changes = new Map<PlannedObject, ObjectChange>();
  try {
    if (!dryRun) await coverInventory(session, objects, writing);
    session.complete = await applyWaves(session, plan, writing, changes);
  } finally {
    record(session, [...session.namespaces.made, ...inPlanOrder(plan, changes)]);
  }
  return session.changes;
}

/** True when every object is on the cluster. */
async function applyWaves(
  session: Session,
  plan: ApplyPlan,
  writing: Writing,
  changes: Map<PlannedObject, ObjectChange>,
): Promise<boolean> {
  for (const wave of plan.waves) {
    await applyWave(session, plan, wave, writing, changes);
    if (wave.some((planned) => changes.get(planned)?.action === 'failed')) return false;
    if (writing.dryRun) continue;
    for (const planned of wave.filter(isDefinition)) {
      if (changes.get(planned)?.action !== 'unchanged')
        await waitUntilServed(session, planned, writing.signal);
    }
  }
  return true;
}

async function applyWave(
  session: Session,
  plan: ApplyPlan,
  wave: PlannedObject[],
  writing: Writing,
  changes: Map<PlannedObject, ObjectChange>,
): Promise<void> {
  for (const planned of wave.filter((one) => one.same)) {
    changes.set(planned, await keep(session, planned));
  }
  const toSend = wave.filter((one) => !one.same);
  if (toSend.length === 0) return;
  await writing.fence.look();
  await inParallel(toSend, session.client.maxRequests, async (planned) => {
    try {
      changes.set(planned, await applyObject(session, planned, writing));
    } catch (error) {
      const unchecked = writing.dryRun && uncheckable(planned, plan, session, error);
      changes.set(planned, unchecked || failedChange(planned, error));
      if (!unchecked && !concernsObject(error)) throw error;
    }
  });
}

async function keep(session: Session, planned: PlannedObject): Promise<ObjectChange> {
  const resource = await session.discovery.resource(planned.ref);
  if (resource && planned.before) note(session, planned, resource, planned.before as KubeObject, false);
  return { ref: planned.ref, source: sourceOf(planned), action: 'unchanged', fields: [] };
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

/** Errors that trying again may cure, and those of the run itself, end the apply; the others are the object's. */
function concernsObject(error: unknown): boolean {
  return error instanceof SlipwayError && error.object !== undefined && !error.retryable;
}

function failedChange(planned: PlannedObject, error: unknown): ObjectChange {
  const change: ObjectChange = { ref: planned.ref, source: sourceOf(planned), action: 'failed', fields: [] };
  if (!(error instanceof SlipwayError)) return { ...change, reason: 'interrupted' };
  const named = `${describeRef(planned.ref)}: `;
  const reason = error.message.startsWith(named) ? error.message.slice(named.length) : error.message;
  return { ...change, reason, hint: error.hint, ownedBy: ownerTarget(error) };
}

function inPlanOrder(plan: ApplyPlan, changes: Map<PlannedObject, ObjectChange>): ObjectChange[] {
  return plan.waves.flat().map((planned) => changes.get(planned) ?? notReached(planned));
}

function notReached(planned: PlannedObject): ObjectChange {
  const reason = 'not applied: an object before it failed';
  return { ref: planned.ref, source: sourceOf(planned), action: 'skipped', fields: [], reason };
}

function record(session: Session, changes: ObjectChange[]): ObjectChange[] {
  session.changes = changes;
  return changes;
}
