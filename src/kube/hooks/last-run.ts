import { SlipwayError } from '../../errors.ts';
import { isSettled } from '../../health/verdict.ts';
import { annotationOf } from '../../model/annotation.ts';
import { dialects, type Hook } from '../../model/hook.ts';
import { groupKind, type KubeObject, refOf } from '../../model/object.ts';
import type { ReleaseContext } from '../context.ts';
import type { PlannedObject } from '../plan/plan.ts';
import { mayRecreate } from './remove-hook.ts';

/** Kinds that do one piece of work: an apply over one that has done it does nothing. */
const once = new Set([
  'Job.batch',
  'Pod',
  'PipelineRun.tekton.dev',
  'TaskRun.tekton.dev',
  'Workflow.argoproj.io',
]);

export function runsOnce(object: KubeObject): boolean {
  return once.has(groupKind(refOf(object)));
}

/**
 * Why a hook does not run again while its last run is still there. Argo CD treats a named hook as done then, if that run
 * succeeded (argo-cd.readthedocs.io/en/stable/user-guide/sync-waves); Helm never does. Throws OBJECT_REFUSED if the hook
 * must run and cannot.
 */
export function whyNotRun(
  context: ReleaseContext,
  hook: Hook,
  { rendered, wanted }: PlannedObject,
  live: KubeObject,
): string {
  const object = refOf(wanted);
  const refusal = (summary: string, hint: string) =>
    new SlipwayError('OBJECT_REFUSED', summary, { object, place: rendered.source, hint });
  if (!mayRecreate(context, live)) {
    throw refusal(
      `a ${live.kind} of this name exists that is no hook, so it is not deleted to run the hook`,
      'Delete it by hand, or give the hook another name.',
    );
  }
  const { annotation, value } = deletePolicyOf(wanted);
  if (hook.tool !== 'helm' && isSettled(context.evaluateHealth(live))) {
    return `not run again: its last run is still there, and ${annotation} does not say ${value}`;
  }
  throw refusal(
    `cannot run again: its last run is still there, and ${annotation} does not say ${value}`,
    `Add ${value} to ${annotation}, or delete the ${live.kind} by hand and retry the release.`,
  );
}

/** The annotation that decides, and the value that has the last run deleted before the next one. */
function deletePolicyOf(wanted: KubeObject): { annotation: string; value: string } {
  const dialect = dialects.find(({ deletePolicy }) => annotationOf(wanted, deletePolicy) !== undefined);
  const { deletePolicy: annotation = '', deletes } = dialect ?? {};
  const value = [...(deletes ?? [])].find(([, meaning]) => meaning === 'before-creation')?.[0] ?? '';
  return { annotation, value };
}
