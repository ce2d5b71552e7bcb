import { describePlace } from '../../errors.ts';
import type { FieldChange, ObjectChange } from '../../model/change-set.ts';
import type { KubeObject } from '../../model/object.ts';
import type { KubeResponse } from '../client/client.ts';
import { diffObjects } from '../diff/diff.ts';
import { losers } from '../managed-fields.ts';
import type { PlannedObject } from '../plan/plan.ts';
import type { Session } from '../session.ts';
import type { Resolution } from './resolve-conflict.ts';
import { warningsOf } from './warnings.ts';

/** What an apply has changed, from the API server's answer. */
export function changeOf(
  { masks }: Pick<Session, 'masks'>,
  planned: PlannedObject,
  {
    before,
    response,
    dryRun,
  }: { before: KubeObject | 'unreadable' | undefined; response: KubeResponse; dryRun: boolean },
): ObjectChange {
  const after = response.body as KubeObject;
  const warnings = warningsOf(response.headers.warning)?.map((text) =>
    masks.text(text, planned.wanted, after),
  );
  const change = { ref: planned.ref, source: sourceOf(planned), warnings };
  if (response.status === 201) return { ...change, action: 'created', fields: [] };
  if (before === undefined || before === 'unreadable') return { ...change, action: 'configured', fields: [] };
  const fields = diffObjects(before, after, masks, planned.wanted);
  const untouched = before.metadata.resourceVersion === after.metadata.resourceVersion;
  if (untouched && (!dryRun || fields.length === 0)) return { ...change, action: 'unchanged', fields: [] };
  const tookFrom = losers(before, after);
  return { ...change, action: 'configured', fields, tookFrom: tookFrom.length > 0 ? tookFrom : undefined };
}

/** The change of an object that something had to make way for. */
export function clearedChange(
  { masks }: Pick<Session, 'masks'>,
  planned: PlannedObject,
  resolution: Resolution,
  after: KubeObject | undefined,
): ObjectChange {
  const was = resolution.deleted ?? planned.before;
  const fields = was ? clearedFields(was, after, planned.wanted, masks) : [];
  return {
    ref: planned.ref,
    source: sourceOf(planned),
    action: 'configured',
    fields,
    reason: resolution.reason,
  };
}

/** A dry run has no answer for what is first to make way: what the file says against what is live, without defaults. */
function clearedFields(
  was: KubeObject,
  after: KubeObject | undefined,
  wanted: KubeObject,
  masks: Session['masks'],
): FieldChange[] {
  if (after) return diffObjects(was, after, masks, wanted);
  return diffObjects(was, wanted, masks).filter((field) => field.after !== undefined);
}

/** Found as wanted: untouched, or written by a request of ours whose answer was lost on the way. */
export function foundSame(
  { masks }: Pick<Session, 'masks'>,
  planned: PlannedObject,
  now: KubeObject,
  responseLost: boolean,
): ObjectChange {
  const change = { ref: planned.ref, source: sourceOf(planned) };
  if (!planned.before) return { ...change, action: responseLost ? 'created' : 'unchanged', fields: [] };
  const fields = diffObjects(planned.before, now, masks, planned.wanted);
  return { ...change, action: fields.length > 0 ? 'configured' : 'unchanged', fields };
}

/** Where an object stands in the repository: `file` or `file:line`. */
export function sourceOf({ rendered: { source } }: Pick<PlannedObject, 'rendered'>): string {
  return describePlace(source);
}
