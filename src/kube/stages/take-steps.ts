import { setTimeout as sleep } from 'node:timers/promises';
import type { Applied } from '../apply/applied.ts';
import { applyWave, type WaveResult } from '../apply/apply-wave.ts';
import { serversOf } from '../apply/servers.ts';
import { waitUntilServed } from '../apply/wait-for-crd.ts';
import type { ReleaseContext } from '../context.ts';
import { runHooks } from '../hooks/run-hooks.ts';
import { isDefinition } from '../plan/order.ts';
import type { ApplyPlan, PlannedObject } from '../plan/plan.ts';
import type { Step } from '../plan/steps.ts';
import { untilHealthy } from '../verify/waits.ts';
import type { Writing } from '../writing.ts';
import {
  type ApplyProgress,
  andThen,
  appliedIn,
  hasFailed,
  withHealth,
  withHooks,
  withWave,
} from './progress.ts';

/** What all steps of one apply share. */
export interface Apply {
  context: ReleaseContext;
  plan: ApplyPlan;
  writing: Writing;
}

/** Takes the steps one after the other, as long as each succeeds. Never rejects: `stop` says why it ended early. */
export async function takeSteps(apply: Apply, steps: Step[], begin: ApplyProgress): Promise<ApplyProgress> {
  let progress = begin;
  for (const step of steps) progress = await andThen(progress, (before) => takeStep(apply, step, before));
  return progress;
}

async function takeStep(apply: Apply, step: Step, progress: ApplyProgress): Promise<ApplyProgress> {
  switch (step.kind) {
    case 'wave':
      return takeWave(apply, step.wave, progress);
    case 'hooks':
      return withHooks(progress, await runHooks(apply.context, step.hooks, step.moment, apply.writing));
    case 'healthy':
      return waitForHealth(apply, appliedIn(progress), progress);
    case 'servers':
      return waitForHealth(apply, serversOf(appliedIn(progress), step.admission), progress);
  }
}

/** Applies a wave, and waits until the definitions among its objects are served. */
async function takeWave(apply: Apply, wave: PlannedObject[], before: ApplyProgress): Promise<ApplyProgress> {
  const { plan } = apply;
  const open = wave.filter((planned) => !before.changes.has(planned));
  const send: SendWave = (objects, progress, mayWait) =>
    applyWave(apply.context, objects, { ...apply, applied: appliedIn(progress), mayWait });

  const first = await send(open, before, true);
  let progress = withWave(before, first);
  if (first.unanswered.length > 0) {
    progress = await andThen(progress, (now) =>
      waitForHealth(apply, serversOf(appliedIn(now), plan.waves.flat()), now),
    );
    progress = await andThen(progress, async (now) =>
      withWave(now, await send(first.unanswered, now, false)),
    );
  }
  progress = await andThen(progress, (now) => sendEarlyAgain(first.early, now, { apply, send }));
  return andThen(progress, (now) => endWave(apply, open, now));
}

/** API servers mostly hear of a new schema within milliseconds. */
const schemaPauseMs = 100;
const schemaPatienceMs = 10_000;

/** Applies objects that came before their kind's new schema was served, until it is, or the refusal stays. */
async function sendEarlyAgain(
  early: PlannedObject[],
  before: ApplyProgress,
  { apply: { writing }, send }: { apply: Apply; send: SendWave },
): Promise<ApplyProgress> {
  const signal = AbortSignal.any([writing.signal, writing.waits.signal]);
  const until = performance.now() + schemaPatienceMs;
  let [left, progress] = [early, before];
  for (let pause = schemaPauseMs; left.length > 0 && !progress.stop; pause *= 2) {
    await writing.waits.withoutPermit(() => sleep(pause, undefined, { signal }).catch(() => undefined));
    signal.throwIfAborted();
    const result = await send(left, progress, performance.now() + pause < until);
    progress = withWave(progress, result);
    left = result.early;
  }
  return progress;
}

type SendWave = (objects: PlannedObject[], progress: ApplyProgress, mayWait: boolean) => Promise<WaveResult>;

/** A dry run reports all objects at once, since it leaves nothing half-done: it goes on after a failure. */
async function endWave(
  { context, writing }: Apply,
  wave: PlannedObject[],
  progress: ApplyProgress,
): Promise<ApplyProgress> {
  if (writing.dryRun) return progress;
  if (hasFailed(progress)) return { ...progress, stop: { kind: 'failed' } };
  for (const planned of wave.filter(({ ref }) => isDefinition(ref))) {
    const isNew = progress.changes.get(planned)?.action !== 'unchanged';
    if (isNew) await waitUntilServed(context, planned, writing.signal);
  }
  return progress;
}

async function waitForHealth(
  { context, writing }: Apply,
  applied: Applied[],
  progress: ApplyProgress,
): Promise<ApplyProgress> {
  if (writing.dryRun) return progress;
  return withHealth(progress, await untilHealthy(context, applied, writing));
}
