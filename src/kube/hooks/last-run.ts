import { SlipwayError } from '../../errors.ts';
import { isSettled } from '../../health/verdict.ts';
import { annotationOf } from '../../model/annotation.ts';
import { dialects, type Hook } from '../../model/hook.ts';
import { describeRef, groupKind, type KubeObject, refOf } from '../../model/object.ts';
import type { PlannedObject } from '../plan/plan.ts';
import type { Session } from '../session.ts';
import { mayRecreate } from './recreate-hook.ts';

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
 * Why a hook is not run again over what is left of its last run. Argo CD takes a named hook for done then, where the
 * run ended well (argo-cd.readthedocs.io/en/stable/user-guide/sync-waves); Helm never does. Throws OBJECT_REFUSED
 * where the hook must run and cannot.
 */
export function whyNotRun(
  session: Session,
  hook: Hook,
  { rendered, wanted }: PlannedObject,
  live: KubeObject,
): string {
  const object = describeRef(refOf(wanted));
  const refusal = (what: string, hint: string) =>
    new SlipwayError('OBJECT_REFUSED', `${object}: ${what}`, { object, place: rendered.source, hint });
  if (!mayRecreate(session, live)) {
    throw refusal(
      `a ${live.kind} of this name is there that is no hook, so it is not deleted to run the hook`,
      'Delete it by hand, or give the hook another name.',
    );
  }
  const { annotation, word } = policyOf(wanted);
  if (hook.tool !== 'helm' && isSettled(session.evaluateHealth(live))) {
    return `not run again: its last run is still there, and ${annotation} does not say ${word}`;
  }
  throw refusal(
    `cannot run again: its last run is still there, and ${annotation} does not say ${word}`,
    `Add ${word} to ${annotation}, or delete the ${live.kind} by hand and retry the release.`,
  );
}

/** The annotation that decides, and how it is told to make room for a run. */
function policyOf(wanted: KubeObject): { annotation: string; word: string } {
  const said = dialects.find(({ deletePolicy }) => annotationOf(wanted, deletePolicy) !== undefined);
  const { deletePolicy: annotation = '', deletes } = said ?? {};
  const word = [...(deletes ?? [])].find(([, meaning]) => meaning === 'before-creation')?.[0] ?? '';
  return { annotation, word };
}
