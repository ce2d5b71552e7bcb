import { SlipwayError } from '../../errors.ts';
import type { EvaluateHealth } from '../../health/index.ts';
import { progressing } from '../../health/verdict.ts';
import type { ObjectChange } from '../../model/change-set.ts';
import type { FailureDetails } from '../../model/failure.ts';
import type { HookMoment } from '../../model/hook-dialects.ts';
import { type KubeObject, refOf } from '../../model/object.ts';
import type { Unhealthy } from '../../ports/cluster.ts';
import { type Applied, appliedObject } from '../apply/applied.ts';
import { applyObject } from '../apply/apply-object.ts';
import { concernsObject, failedChange } from '../apply/failed-change.ts';
import type { ReleaseContext } from '../context.ts';
import type { Resource } from '../discovery/resource.ts';
import { isMember } from '../live/live.ts';
import { isBeingDeleted } from '../objects/gone.ts';
import { readObject } from '../objects/read.ts';
import { refuseOwned } from '../ownership/refuse-owned.ts';
import { forRun, type HookObject, isGeneratedFrom, isSameRun, runOf } from '../plan/hook-object.ts';
import { decideOperation } from '../plan/operation.ts';
import type { PlannedObject } from '../plan/plan.ts';
import { prepare } from '../plan/prepare.ts';
import { untilHealthy } from '../verify/waits.ts';
import type { Writing } from '../writing.ts';
import { runsOnce, whyNotRun } from './last-run.ts';
import { mayRecreate, removeHook, removeLastRun } from './remove-hook.ts';

/** One run of a hook. */
export interface HookRun {
  hook: HookObject;
  change: ObjectChange;
  /** Undefined: it was not started. */
  applied: Applied | undefined;
  resource: Resource | undefined;
  /** Why it did not run although nothing failed. */
  notRun?: string | undefined;
}

/** A hook on its way to the cluster. */
interface Starting {
  context: ReleaseContext;
  hook: HookObject;
  planned: PlannedObject;
  writing: Writing;
}

/**
 * Creates the hook's object, after what is left of its last run was deleted if its policy says so. A run of this same
 * release that a crash or a retry left behind is continued. A refusal is the run's change.
 */
export async function startHook(
  context: ReleaseContext,
  hook: HookObject,
  moment: HookMoment,
  writing: Writing,
): Promise<HookRun> {
  const rendered = forRun(hook, moment, context.releaseKey);
  const ref = refOf(rendered.object);
  try {
    const wanted = prepare(rendered, context.setId);
    const ignored = context.ignores(wanted);
    const operation = { kind: 'create' } as const;
    const planned: PlannedObject = { ref, rendered, wanted, ignored, before: undefined, operation };
    return await start({ context, hook, planned, writing });
  } catch (error) {
    if (!concernsObject(error)) throw error;
    const change = failedChange({ ref, rendered }, error);
    return { hook, resource: undefined, applied: undefined, change };
  }
}

async function start(starting: Starting): Promise<HookRun> {
  const { context, hook, planned, writing } = starting;
  const resource = await context.discovery.resource(planned.ref, writing.signal);
  const live = resource && (await readObject(context, resource, planned.ref, writing.signal));
  if (hasEnded(starting, live)) {
    return { hook, resource, applied: undefined, change: leftAsItIs(planned), notRun: ranBefore };
  }
  const left = live && (await settleLastRun(starting, resource, live));
  if (left && 'change' in left) return { hook, resource, ...left };
  const { name, generateName } = hook.rendered.object.metadata;
  if (resource && !name && generateName) await removeEarlierRuns(starting, resource, generateName);
  return { hook, resource, ...(await applyObject(context, left ?? planned, writing)) };
}

const ranBefore = 'not run again: it ended well in an earlier attempt of this release';

/** Whether an earlier attempt of the release has run the hook to its end and deleted its object. */
function hasEnded({ context, planned }: Starting, live: KubeObject | undefined): boolean {
  if (live && !isBeingDeleted(live)) return false;
  return context.hookRuns.hasEnded(runOf(planned.wanted));
}

/**
 * Settles what exists under the hook's name: resolves to the run that is left as it is (one of this release, or an
 * earlier one that is not repeated); to what is then planned over an object that stays; or to undefined once the last
 * run is gone.
 */
async function settleLastRun(
  { context, hook: { hook }, planned, writing }: Starting,
  resource: Resource,
  live: KubeObject,
): Promise<PlannedObject | Pick<HookRun, 'applied' | 'change' | 'notRun'> | undefined> {
  const change = leftAsItIs(planned);
  if (isRunning(context, live, planned.wanted)) {
    return { applied: appliedObject(planned.ref, resource, { live, created: true }), change };
  }
  await refuseOwned(context, planned, live, writing.signal);
  if (hook.deletes.has('before-creation') && mayRecreate(context, live)) {
    await removeLastRun(context, live, resource, writing);
    return undefined;
  }
  if (runsOnce(live)) {
    return { applied: undefined, change, notRun: whyNotRun(context, hook, planned, live) };
  }
  return { ...planned, before: live, operation: decideOperation(planned, live, context.setId) };
}

/** Each run of a hook with a generated name has another name: those of earlier releases go before a new one comes. */
async function removeEarlierRuns(
  { context, planned: { ref }, writing }: Starting,
  resource: Resource,
  generateName: string,
): Promise<void> {
  const { members } = await context.live;
  for (const member of members.values()) {
    const { group, kind, namespace, name } = refOf(member);
    const same = group === ref.group && kind === ref.kind && namespace === ref.namespace && name !== ref.name;
    if (!same || !isGeneratedFrom(member, generateName)) continue;
    if (mayRecreate(context, member)) await removeHook(context, member, resource, writing);
  }
}

/** Whether what is live is this release's own run, and has not failed. */
function isRunning({ setId, evaluateHealth }: ReleaseContext, live: KubeObject, wanted: KubeObject): boolean {
  if (!isMember(live, setId) || !isSameRun(live, wanted)) return false;
  return !isBeingDeleted(live) && evaluateHealth(live).state !== 'failed';
}

function leftAsItIs({ ref, rendered }: PlannedObject): ObjectChange {
  return { ref, source: rendered.source, action: 'unchanged', fields: [] };
}

/** Waits until the hook has done its work. If it does not, the change of the run that is resolved says why. */
export async function waitForHook(context: ReleaseContext, run: HookRun, writing: Writing): Promise<HookRun> {
  const { hook, applied } = run;
  if (!applied) return run;
  const timeoutMs = hook.hook.timeoutMs ?? context.target.timeoutMs;
  const since = performance.now();
  const evaluateHealth = doneOnly(context.evaluateHealth);
  const outcome = await untilHealthy({ ...context, evaluateHealth }, [applied], writing, timeoutMs);
  const [unhealthy] = outcome.unhealthy;
  if (!unhealthy) return run;
  const isLate = performance.now() - since >= timeoutMs;
  const error = isLate ? notDone(unhealthy, timeoutMs) : hookError(unhealthy.summary, unhealthy.details);
  return { ...run, change: failedChange({ ref: applied.ref, rendered: hook.rendered }, error) };
}

function notDone({ summary, details }: Unhealthy, timeoutMs: number): SlipwayError {
  const causes = [{ summary }, ...(details?.causes ?? [])];
  return hookError(`not done within ${timeoutMs / 1_000} s`, { ...details, causes });
}

function hookError(summary: string, details: FailureDetails | undefined): SlipwayError {
  return new SlipwayError('UNHEALTHY', summary, { details });
}

/** A suspended Job has not done its work yet: somebody, such as a queue of Jobs, will resume it. */
function doneOnly(evaluateHealth: EvaluateHealth): EvaluateHealth {
  return (object) => {
    const verdict = evaluateHealth(object);
    return verdict.state === 'suspended' ? progressing(verdict.message) : verdict;
  };
}
