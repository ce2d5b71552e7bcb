import type { ObjectChange } from '../../model/change-set.ts';
import type { KubeObject } from '../../model/object.ts';
import { inParallel } from '../parallel.ts';
import type { ApplyPlan, PlannedObject } from '../plan/plan.ts';
import { note, type Session } from '../session.ts';
import { untilHealthy } from '../verify/waits.ts';
import type { Writing } from '../writing.ts';
import { applyObject } from './apply-object.ts';
import { concernsObject, interruptedChange } from './failed-change.ts';
import { sourceOf } from './object-change.ts';
import { isUnansweredWebhook, serversOf } from './servers.ts';
import { uncheckable } from './unapplied.ts';
import { isDefinition, waitUntilServed } from './wait-for-crd.ts';

/** The changes of a plan's objects so far; an object without one was not reached. */
export type Changes = Map<PlannedObject, ObjectChange>;

/**
 * Applies the objects of one wave side by side, each once, and waits until definitions among them are served.
 * Resolves to whether what comes after them may go on. Throws what concerns no single object.
 */
export async function applyWave(
  session: Session,
  plan: ApplyPlan,
  wave: PlannedObject[],
  writing: Writing,
  changes: Changes,
): Promise<boolean> {
  const open = wave.filter((one) => !changes.has(one));
  for (const planned of open.filter((one) => one.same)) changes.set(planned, await keep(session, planned));
  const toSend = open.filter((one) => !one.same);
  const unanswered = await send(session, plan, toSend, writing, changes, true);
  if (unanswered.length > 0) {
    session.unhealthy = await untilHealthy(session, serversOf(session, plan.waves.flat()), writing.waits);
    if (session.unhealthy.length > 0) return false;
    await send(session, plan, unanswered, writing, changes, false);
  }
  // A dry run tells of all objects at once, since it leaves nothing half-done.
  if (writing.dryRun) return true;
  if (wave.some((planned) => changes.get(planned)?.action === 'failed')) return false;
  for (const planned of open.filter(isDefinition)) {
    if (changes.get(planned)?.action !== 'unchanged') await waitUntilServed(session, planned, writing.signal);
  }
  return true;
}

/**
 * Resolves to the objects that were not applied because a webhook of the app's own did not answer (`mayWait`): its
 * server may have been changed by this very release.
 */
async function send(
  session: Session,
  plan: ApplyPlan,
  toSend: PlannedObject[],
  writing: Writing,
  changes: Changes,
  mayWait: boolean,
): Promise<PlannedObject[]> {
  const unanswered: PlannedObject[] = [];
  if (toSend.length === 0) return unanswered;
  await writing.lease.look();
  await inParallel(toSend, session.client.maxRequests, async (planned) => {
    try {
      changes.set(planned, await applyObject(session, planned, writing));
    } catch (error) {
      if (mayWait && !writing.dryRun && isUnansweredWebhook(error) && isOwn(session, plan)) {
        unanswered.push(planned);
        return;
      }
      const unchecked = writing.dryRun && uncheckable(planned, plan, session, error);
      changes.set(planned, unchecked || interruptedChange(planned, error));
      if (!unchecked && !concernsObject(error)) throw error;
    }
  });
  return unanswered;
}

/** Whether the app brings workloads that answer webhooks: another app's are not ours to wait for. */
function isOwn(session: Session, plan: ApplyPlan): boolean {
  return serversOf(session, plan.waves.flat()).length > 0;
}

async function keep(session: Session, planned: PlannedObject): Promise<ObjectChange> {
  const change = { ref: planned.ref, source: sourceOf(planned), fields: [] };
  if (!planned.before) {
    return { ...change, action: 'unchanged', reason: 'it finished in an earlier release and was cleaned up' };
  }
  const resource = await session.discovery.resource(planned.ref);
  if (resource) note(session, planned, resource, planned.before as KubeObject, false);
  return { ...change, action: 'unchanged' };
}
