import { SlipwayError } from '../../errors.ts';
import type { ObjectChange } from '../../model/change-set.ts';
import type { Notice } from '../../model/notice.ts';
import type { ReleaseContext } from '../context.ts';
import { inParallel } from '../parallel.ts';
import type { ApplyPlan, PlannedObject } from '../plan/plan.ts';
import { isSkipped } from '../plan/plan.ts';
import type { Writing } from '../writing.ts';
import { type Applied, appliedObject } from './applied.ts';
import { type AppliedChange, applyObject } from './apply-object.ts';
import { concernsObject, interruptedChange } from './failed-change.ts';
import { isUnansweredWebhook, serversOf } from './servers.ts';
import { mayFitChangedKind, uncheckable } from './unapplied.ts';

/** The changes of a plan's objects; an object without one was not reached. */
export type Changes = ReadonlyMap<PlannedObject, ObjectChange>;

/** What came of one wave, also if it was interrupted. */
export interface WaveResult {
  changes: Changes;
  applied: Applied[];
  /**
   * Objects that were not applied because a webhook of the app's own did not respond: its server may have been changed
   * by this very release, so the same objects may be applied once it is healthy.
   */
  unanswered: PlannedObject[];
  /**
   * Objects that were refused by a schema that an earlier wave has changed. An API server hears of the new one a moment
   * later, and each of several hears of it for itself: the same objects may be applied then.
   */
  early: PlannedObject[];
  /** What concerns no single object, and so ends the apply. */
  interruption?: { error: unknown } | undefined;
}

export interface WaveOptions {
  plan: ApplyPlan;
  writing: Writing;
  /** What the waves before have applied. */
  applied: readonly Applied[];
  /** Whether an object may be `unanswered` or `early`, and not failed. */
  mayWait: boolean;
}

/** Applies the objects of one wave in parallel, each once. Nothing is sent for those that the plan skips. */
export async function applyWave(
  context: ReleaseContext,
  wave: PlannedObject[],
  { plan, writing, applied: before, mayWait }: WaveOptions,
): Promise<WaveResult> {
  const changes = new Map<PlannedObject, ObjectChange>();
  const applied: Applied[] = [];
  const unanswered: PlannedObject[] = [];
  const early: PlannedObject[] = [];
  const add = (planned: PlannedObject, result: AppliedChange) => {
    changes.set(planned, result.change);
    if (result.applied) applied.push(result.applied);
  };
  const mayBeUnanswered = (error: unknown) =>
    mayWait &&
    !writing.dryRun &&
    isUnansweredWebhook(error) &&
    serversOf([...before, ...applied], plan.waves.flat()).length > 0;
  const isEarly = (planned: PlannedObject, error: unknown) =>
    mayWait && !writing.dryRun && error instanceof SlipwayError && mayFitChangedKind(planned, before, error);

  try {
    for (const planned of wave.filter(isSkipped)) add(planned, await skip(context, planned));
    const toSend = wave.filter((planned) => !isSkipped(planned));
    if (toSend.length > 0) await writing.lease.check();
    await inParallel(toSend, context.client.maxRequests, async (planned) => {
      try {
        add(planned, await applyObject(context, planned, writing));
      } catch (error) {
        if (mayBeUnanswered(error)) {
          unanswered.push(planned);
          return;
        }
        if (isEarly(planned, error)) {
          early.push(planned);
          return;
        }
        const unchecked = writing.dryRun
          ? await uncheckable(planned, { plan, applied: before }, context, error)
          : undefined;
        changes.set(planned, unchecked ?? interruptedChange(planned, error));
        if (!unchecked && !concernsObject(error)) throw error;
      }
    });
    return { changes, applied, unanswered, early };
  } catch (error) {
    return { changes, applied, unanswered, early, interruption: { error } };
  }
}

async function skip(context: ReleaseContext, planned: PlannedObject): Promise<AppliedChange> {
  const { ref, before, operation } = planned;
  const summary = operation.kind === 'skip' ? operation.reason : undefined;
  const notice: Notice | undefined = summary === undefined ? undefined : { kind: 'finished', summary };
  const { source } = planned.rendered;
  const change: ObjectChange = { ref, source, action: 'unchanged', fields: [], notice };
  const resource = before && (await context.discovery.resource(ref));
  return { change, applied: resource && appliedObject(ref, resource, { live: before }) };
}
