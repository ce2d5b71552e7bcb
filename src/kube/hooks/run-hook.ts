import { SlipwayError } from '../../errors.ts';
import type { EvaluateHealth } from '../../health/index.ts';
import { progressing } from '../../health/verdict.ts';
import type { ObjectChange } from '../../model/change-set.ts';
import type { HookMoment } from '../../model/hook-dialects.ts';
import { type KubeObject, type ObjectRef, refOf } from '../../model/object.ts';
import { applyObject } from '../apply/apply-object.ts';
import { concernsObject, failedChange } from '../apply/failed-change.ts';
import { sourceOf } from '../apply/object-change.ts';
import { collectionPath, type Resource } from '../discovery/resource.ts';
import { isMember } from '../live/live.ts';
import { refuseOwned } from '../ownership/refuse-owned.ts';
import type { PlannedObject } from '../plan/plan.ts';
import { prepare } from '../plan/prepare.ts';
import type { Session } from '../session.ts';
import type { Applied } from '../verify/verify-board.ts';
import { untilHealthy } from '../verify/waits.ts';
import type { Writing } from '../writing.ts';
import { annotationsOf, forRun, generatedAnnotation, type HookObject, runAnnotation } from './hook-object.ts';
import { runsOnce, whyNotRun } from './last-run.ts';
import { mayRecreate, readHook, removeAndWait, removeHook } from './recreate-hook.ts';

/** One run of a hook, from its start to its end. */
export interface HookRun {
  hook: HookObject;
  change: ObjectChange;
  /** Undefined: it was not started. */
  applied: Applied | undefined;
  resource: Resource | undefined;
  /** Why it was not run although nothing failed. */
  notRun?: string | undefined;
}

type Found = Pick<HookRun, 'applied' | 'change' | 'notRun'>;

/**
 * Makes the hook's object, after what is left of its last run was deleted where its policy says so. A run of this
 * same release that a crash or a retry left behind is gone on with. A refusal is the run's change.
 */
export async function startHook(
  session: Session,
  hook: HookObject,
  moment: HookMoment,
  writing: Writing,
): Promise<HookRun> {
  const rendered = forRun(hook, moment, session.releaseKey);
  const ref = refOf(rendered.object);
  // Hooks are waited for apart from the app's own objects: they may be gone before those are healthy.
  const own: Session = { ...session, applied: new Map() };
  try {
    const wanted = prepare(rendered, session.parent.id);
    const ignored = session.ignores(wanted);
    const planned: PlannedObject = { ref, rendered, wanted, ignored, before: undefined, same: false };
    const resource = await session.discovery.resource(ref, writing.signal);
    const found = resource && (await evict(session, hook, planned, resource, writing));
    if (found) return { hook, resource, ...found };
    const change = await applyObject(own, planned, writing);
    return { hook, resource, change, applied: [...own.applied.values()][0] };
  } catch (error) {
    if (!concernsObject(error)) throw error;
    const change = failedChange({ ref, rendered }, error);
    return { hook, resource: undefined, applied: undefined, change };
  }
}

/** Resolves to the run that is there already: of this release, or an earlier one that stays and is not repeated. */
async function evict(
  session: Session,
  { hook, rendered }: HookObject,
  planned: PlannedObject,
  resource: Resource,
  writing: Writing,
): Promise<Found | undefined> {
  const live = await readHook(session, planned.wanted, resource, writing.signal);
  if (live && isThisRun(session, live, planned.wanted)) {
    const path = collectionPath(resource, planned.ref.namespace);
    return { applied: { ref: planned.ref, path, live, created: true }, change: leftAsItIs(planned) };
  }
  if (live) await refuseOwned(session, planned, live, writing.signal);
  if (live && hook.deletes.has('before-creation') && mayRecreate(session, live)) {
    await removeAndWait(session, live, resource, writing);
  } else if (live && runsOnce(live)) {
    return {
      applied: undefined,
      change: leftAsItIs(planned),
      notRun: whyNotRun(session, hook, planned, live),
    };
  } else {
    planned.before = live;
  }
  const { name, generateName } = rendered.object.metadata;
  if (!name && generateName) await removeEarlierRuns(session, generateName, planned, resource, writing);
  return undefined;
}

/** Each run of a hook with a generated name has another one: the runs of earlier releases go when a new one comes. */
async function removeEarlierRuns(
  session: Session,
  generateName: string,
  { ref }: PlannedObject,
  resource: Resource,
  writing: Writing,
): Promise<void> {
  const { members } = await session.live;
  for (const member of members.values()) {
    const { group, kind, namespace, name } = refOf(member);
    const same = group === ref.group && kind === ref.kind && namespace === ref.namespace && name !== ref.name;
    if (!same || annotationsOf(member)[generatedAnnotation] !== generateName) continue;
    if (mayRecreate(session, member)) await removeHook(session, member, resource, writing);
  }
}

function isThisRun(session: Session, live: KubeObject, wanted: KubeObject): boolean {
  const run = annotationsOf(wanted)[runAnnotation];
  if (!isMember(live, session.parent.id) || annotationsOf(live)[runAnnotation] !== run) return false;
  return live.metadata.deletionTimestamp === undefined && session.evaluateHealth(live).state !== 'failed';
}

function leftAsItIs({ ref, rendered }: PlannedObject): ObjectChange {
  return { ref, source: sourceOf({ rendered }), action: 'unchanged', fields: [] };
}

/** Waits until the hook has done its work; where it does not, its change says why. */
export async function waitForHook(session: Session, run: HookRun, writing: Writing): Promise<void> {
  const { hook, applied } = run;
  if (!applied) return;
  const timeoutMs = hook.hook.timeoutMs ?? session.target.timeoutMs;
  const since = performance.now();
  const evaluateHealth = doneOnly(session.evaluateHealth);
  const [unhealthy] = await untilHealthy({ ...session, evaluateHealth }, [applied], writing.waits, timeoutMs);
  if (!unhealthy) return;
  const late = performance.now() - since >= timeoutMs ? `not done within ${timeoutMs / 1_000} s: ` : '';
  const error = new SlipwayError('UNHEALTHY', `${late}${unhealthy.message}`);
  run.change = failedChange({ ref: applied.ref, rendered: hook.rendered }, error);
}

/** A suspended Job has not done its work yet: somebody, such as a queue of Jobs, will let it go on. */
function doneOnly(evaluateHealth: EvaluateHealth): EvaluateHealth {
  return (object) => {
    const verdict = evaluateHealth(object);
    return verdict.state === 'suspended' ? progressing(verdict.message) : verdict;
  };
}

export function refOfHook({ rendered: { object } }: HookObject): ObjectRef {
  return { ...refOf(object), name: object.metadata.name ?? `${object.metadata.generateName}…` };
}
