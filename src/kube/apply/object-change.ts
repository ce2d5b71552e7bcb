import type { FieldChange, ObjectChange } from '../../model/change-set.ts';
import type { KubeObject } from '../../model/object.ts';
import type { KubeResponse } from '../client/client.ts';
import type { ReleaseContext } from '../context.ts';
import { diffObjects } from '../diff/diff.ts';
import { losers } from '../managed-fields.ts';
import type { Found } from '../objects/read.ts';
import type { PlannedObject } from '../plan/plan.ts';
import type { Resolution } from './attempt.ts';
import { warningsOf } from './warnings.ts';

/** What an apply has changed, from the API server's response. */
export function changeOf(
  { masks }: Pick<ReleaseContext, 'masks'>,
  planned: PlannedObject,
  { before, response, dryRun }: { before: Found; response: KubeResponse; dryRun: boolean },
): ObjectChange {
  const after = response.body as KubeObject;
  const warnings = warningsOf(response.headers.warning)?.map((text) =>
    masks.text(text, planned.wanted, after),
  );
  const change = { ref: planned.ref, source: planned.rendered.source, warnings };
  if (response.status === 201) return { ...change, action: 'created', fields: [] };
  if (before === undefined || before === 'unreadable') return { ...change, action: 'configured', fields: [] };
  const fields = diffObjects(before, after, masks, planned.wanted);
  const untouched = before.metadata.resourceVersion === after.metadata.resourceVersion;
  if (untouched && (!dryRun || fields.length === 0)) return { ...change, action: 'unchanged', fields: [] };
  const tookFrom = losers(before, after);
  return { ...change, action: 'configured', fields, tookFrom: tookFrom.length > 0 ? tookFrom : undefined };
}

/** The change of an object that could be applied only after something was resolved. */
export function resolvedChange(
  { masks }: Pick<ReleaseContext, 'masks'>,
  planned: PlannedObject,
  resolution: Resolution,
  after: KubeObject | undefined,
): ObjectChange {
  const was = resolution.deleted ?? planned.before;
  const fields = was ? resolvedFields(was, after, planned.wanted, masks) : [];
  return {
    ref: planned.ref,
    source: planned.rendered.source,
    action: resolution.deleted ? 'recreated' : 'configured',
    fields,
    notice: { kind: resolution.deleted ? 'recreated' : 'resolved', summary: resolution.reason },
  };
}

function resolvedFields(
  was: KubeObject,
  after: KubeObject | undefined,
  wanted: KubeObject,
  masks: ReleaseContext['masks'],
): FieldChange[] {
  return after ? diffObjects(was, after, masks, wanted) : fileFields(was, wanted, masks);
}

/** What the file says against what is live, without defaults: for a dry run that has no response. */
export function fileFields(
  live: KubeObject,
  wanted: KubeObject,
  masks: ReleaseContext['masks'],
): FieldChange[] {
  return diffObjects(live, wanted, masks).filter((field) => field.after !== undefined);
}

/** The object was found as wanted: untouched, or written by a request whose response was lost on the way. */
export function foundSame(
  { masks }: Pick<ReleaseContext, 'masks'>,
  planned: PlannedObject,
  now: KubeObject,
  responseLost: boolean,
): ObjectChange {
  const change = { ref: planned.ref, source: planned.rendered.source };
  if (!planned.before) return { ...change, action: responseLost ? 'created' : 'unchanged', fields: [] };
  const fields = diffObjects(planned.before, now, masks, planned.wanted);
  return { ...change, action: fields.length > 0 ? 'configured' : 'unchanged', fields };
}
