import type { ObjectChange } from '../../model/change-set.ts';
import type { HookDelete, HookMoment } from '../../model/hook-dialects.ts';
import { sourceOf } from '../apply/object-change.ts';
import { isDeletionProtected } from '../prune/prune-guard.ts';
import type { Session } from '../session.ts';
import type { Writing } from '../writing.ts';
import { type HookObject, runsAt } from './hook-object.ts';
import { hookSteps } from './hook-steps.ts';
import { removeHook } from './recreate-hook.ts';
import { type HookRun, refOfHook, startHook, waitForHook } from './run-hook.ts';

/** When a hook runs, in words. */
const moments: Record<HookMoment, string> = {
  'pre-deploy': 'before the deploy',
  deploy: 'with the deploy',
  'post-deploy': 'after the deploy',
  'on-failure': 'because the release failed',
};

/**
 * Runs the hooks of one moment, step by step, each waited for; after one that fails no further one is started. In a
 * dry run they are shown and nothing is sent. Each has its change: `failed` with the reason, followed down to the
 * container. Throws what concerns no single object.
 */
export async function runHooks(
  session: Session,
  hooks: HookObject[],
  moment: HookMoment,
  writing: Writing,
): Promise<ObjectChange[]> {
  const due = hooks.filter((hook) => runsAt(hook, moment, isFirstRelease(session)));
  if (writing.dryRun) return due.map((hook) => shown(hook, 'created', `would run ${moments[moment]}`));
  const runs: HookRun[] = [];
  const changes: ObjectChange[] = [];
  for (const step of hookSteps(due)) {
    if (changes.some(({ action }) => action === 'failed')) {
      changes.push(...step.map((hook) => shown(hook, 'skipped', 'not run: a hook before it failed')));
      continue;
    }
    await writing.lease.look();
    const started = await Promise.all(step.map((hook) => startHook(session, hook, moment, writing)));
    runs.push(...started);
    await Promise.all(started.map((run) => waitForHook(session, run, writing)));
    changes.push(...started.map(({ change }) => change));
  }
  await tidy(session, runs, writing);
  for (const { change, notRun } of runs.filter(({ change }) => change.action !== 'failed')) {
    change.reason = `hook: ${notRun ?? `ran ${moments[moment]}`}`;
  }
  for (const change of changes) change.hook = true;
  return changes;
}

/** Hooks that are never applied while what is live of them stays. */
export function showNever(hooks: HookObject[]): ObjectChange[] {
  return hooks.flatMap((hook) => (hook.hook.never ? [shown(hook, 'skipped', hook.hook.never)] : []));
}

/** Helm knows an install from an upgrade by the release that is in force. */
export function isFirstRelease({ parent }: Session): boolean {
  return parent.record?.inForce === undefined;
}

/** After the last of them, since a Job may need the account that a hook before it made. */
async function tidy(session: Session, runs: HookRun[], writing: Writing): Promise<void> {
  for (const { hook, applied, resource, change } of runs) {
    const outcome: HookDelete = change.action === 'failed' ? 'failed' : 'succeeded';
    if (!applied || !resource || !hook.hook.deletes.has(outcome) || isDeletionProtected(applied.live))
      continue;
    await removeHook(session, applied.live, resource, writing);
  }
}

function shown(hook: HookObject, action: 'created' | 'skipped', reason: string): ObjectChange {
  const source = sourceOf({ rendered: hook.rendered });
  return { ref: refOfHook(hook), hook: true, source, action, fields: [], reason: `hook: ${reason}` };
}
