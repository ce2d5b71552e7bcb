import type { ObjectChange } from '../../model/change-set.ts';
import { type HookObject, runsAt } from '../hooks/hook-object.ts';
import { isFirstRelease, runHooks } from '../hooks/run-hooks.ts';
import { isAdmissionObject } from '../plan/order.ts';
import type { ApplyPlan, PlannedObject } from '../plan/plan.ts';
import type { Session } from '../session.ts';
import { untilHealthy } from '../verify/waits.ts';
import type { Writing } from '../writing.ts';
import { applyWave, type Changes } from './apply-wave.ts';
import { serversOf } from './servers.ts';
import { type Stage, stagesOf } from './stages.ts';

/** What an apply has done, also when it throws half-way. */
export interface Progress {
  objects: Changes;
  hooks: ObjectChange[];
}

/**
 * The hooks that run before, then stage after stage, each when all before it are healthy. An app without own waves
 * and hooks is one stage, and waits for nothing here. Resolves to whether everything is on the cluster; where a
 * stage waited in vain, `session.unhealthy` says for what.
 */
export async function applyStages(
  session: Session,
  plan: ApplyPlan,
  hooks: HookObject[],
  writing: Writing,
  progress: Progress,
): Promise<boolean> {
  const places = namespacesOf(plan, hooks);
  if (!(await applyWave(session, plan, places, writing, progress.objects))) return false;
  if (!(await hooksRan(session, hooks, 'pre-deploy', writing, progress))) return false;
  const withObjects = hooks.filter((hook) => runsAt(hook, 'deploy', isFirstRelease(session)));
  for (const [index, stage] of stagesOf(plan.waves, withObjects).entries()) {
    if (index > 0 && doesSomething(stage) && !(await isReady(session, writing))) return false;
    for (const wave of stage.waves) {
      if (!(await serversReady(session, wave, writing))) return false;
      if (!(await applyWave(session, plan, wave, writing, progress.objects))) return false;
    }
    if (!(await hooksRan(session, stage.hooks, 'deploy', writing, progress))) return false;
  }
  return true;
}

async function hooksRan(
  session: Session,
  hooks: HookObject[],
  moment: 'pre-deploy' | 'deploy',
  writing: Writing,
  progress: Progress,
): Promise<boolean> {
  if (hooks.length === 0) return true;
  const changes = await runHooks(session, hooks, moment, writing);
  progress.hooks.push(...changes);
  return !changes.some(({ action }) => action === 'failed');
}

/** A hook that runs before everything else still needs the namespace that it lives in. */
function namespacesOf(plan: ApplyPlan, hooks: HookObject[]): PlannedObject[] {
  const names = new Set(hooks.map(({ rendered }) => rendered.object.metadata.namespace));
  if (names.size === 0) return [];
  return plan.waves
    .flat()
    .filter(({ ref }) => ref.group === '' && ref.kind === 'Namespace' && names.has(ref.name));
}

function doesSomething({ waves, hooks }: Stage): boolean {
  return hooks.length > 0 || waves.flat().some(({ same }) => !same);
}

async function isReady(session: Session, writing: Writing): Promise<boolean> {
  if (writing.dryRun) return true;
  session.unhealthy = await untilHealthy(session, [...session.applied.values()], writing.waits);
  return session.unhealthy.length === 0;
}

/** Webhooks and API services are asked from the moment they are applied. */
async function serversReady(session: Session, wave: PlannedObject[], writing: Writing): Promise<boolean> {
  const limiters = writing.dryRun ? [] : wave.filter(({ ref, same }) => !same && isAdmissionObject(ref));
  if (limiters.length === 0) return true;
  session.unhealthy = await untilHealthy(session, serversOf(session, limiters), writing.waits);
  return session.unhealthy.length === 0;
}
