import type { ObjectChange } from '../../model/change-set.ts';
import { isDeletionProtected } from '../../model/deletion-protected.ts';
import type { HookDelete, HookMoment } from '../../model/hook-dialects.ts';
import type { Notice } from '../../model/notice.ts';
import type { ReleaseContext } from '../context.ts';
import { type HookObject, refOfHook, runOf, runsAt } from '../plan/hook-object.ts';
import { hookSteps } from '../plan/hook-steps.ts';
import type { Writing } from '../writing.ts';
import { removeHook } from './remove-hook.ts';
import { type HookRun, startHook, waitForHook } from './run-hook.ts';

/** When a hook runs, in words. */
const moments: Record<HookMoment, string> = {
  'pre-deploy': 'before the deploy',
  deploy: 'with the deploy',
  'post-deploy': 'after the deploy',
  'on-failure': 'because the release failed',
};

/**
 * Runs the hooks of one moment, step by step, and waits for each; after one that fails no further one is started. A dry
 * run reports them and sends nothing. Each has its change: `failed` with the reason, followed down to the container.
 * Throws what concerns no single object.
 */
export async function runHooks(
  context: ReleaseContext,
  hooks: HookObject[],
  moment: HookMoment,
  writing: Writing,
): Promise<ObjectChange[]> {
  const due = hooks.filter((hook) => runsAt(hook, moment, context.isFirstRelease));
  if (writing.dryRun) return due.map((hook) => reported(hook, 'created', `would run ${moments[moment]}`));
  const runs: HookRun[] = [];
  const notStarted: HookObject[] = [];
  for (const step of hookSteps(due)) {
    if (runs.some(hasFailed)) notStarted.push(...step);
    else runs.push(...(await runStep(context, step, moment, writing)));
  }
  await cleanUp(context, runs, writing);
  return [
    ...runs.map((run) => changeOf(run, moment)),
    ...notStarted.map((hook) => reported(hook, 'skipped', 'not run: a hook before it failed')),
  ];
}

/** Hooks that are never applied, although what is live of them stays. */
export function showNever(hooks: HookObject[]): ObjectChange[] {
  return hooks.flatMap((hook) => (hook.hook.never ? [reported(hook, 'skipped', hook.hook.never)] : []));
}

async function runStep(
  context: ReleaseContext,
  step: HookObject[],
  moment: HookMoment,
  writing: Writing,
): Promise<HookRun[]> {
  await writing.lease.check();
  const started = await Promise.all(step.map((hook) => startHook(context, hook, moment, writing)));
  return Promise.all(started.map((run) => waitForHook(context, run, writing)));
}

/** After the last of them, since a Job may need the account that a hook before it created. */
async function cleanUp(context: ReleaseContext, runs: HookRun[], writing: Writing): Promise<void> {
  const doomed = runs.flatMap((run) => {
    const outcome: HookDelete = hasFailed(run) ? 'failed' : 'succeeded';
    const { hook, applied, resource } = run;
    if (!applied || !resource || !hook.hook.deletes.has(outcome)) return [];
    return isDeletionProtected(applied.live) ? [] : [{ run, live: applied.live, resource }];
  });
  const ended = doomed.filter(({ run }) => !hasFailed(run)).map(({ live }) => runOf(live));
  if (ended.length > 0) await context.hookRuns.remember(ended, writing);
  for (const { live, resource } of doomed) await removeHook(context, live, resource, writing);
}

function hasFailed({ change }: HookRun): boolean {
  return change.action === 'failed';
}

function changeOf(run: HookRun, moment: HookMoment): ObjectChange {
  const change: ObjectChange = { ...run.change, hook: true };
  const notice: Notice = { kind: 'hook', summary: run.notRun ?? `ran ${moments[moment]}` };
  return hasFailed(run) ? change : { ...change, notice };
}

function reported(hook: HookObject, action: 'created' | 'skipped', summary: string): ObjectChange {
  const { source } = hook.rendered;
  return { ref: refOfHook(hook), hook: true, source, action, fields: [], notice: { kind: 'hook', summary } };
}
