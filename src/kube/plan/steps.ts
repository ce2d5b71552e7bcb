import { waveNumber } from '../../model/hook.ts';
import type { HookObject } from './hook-object.ts';
import { runsAt } from './hook-object.ts';
import { isAdmissionObject, isDefinition } from './order.ts';
import { type ApplyPlan, isSkipped, type PlannedObject } from './plan.ts';

/** One step of an apply. The next one begins if this one succeeded. */
export type Step =
  /** Applies these objects in parallel. */
  | { kind: 'wave'; wave: PlannedObject[] }
  /** Runs these hooks and waits for them. */
  | { kind: 'hooks'; moment: 'pre-deploy' | 'deploy'; hooks: HookObject[] }
  /** Waits until everything that was applied so far is healthy. */
  | { kind: 'healthy' }
  /** Waits until the app's own workloads that answer for these webhooks and API services are healthy. */
  | { kind: 'servers'; admission: PlannedObject[] };

/**
 * Pure: the hooks that run before, then stage after stage (the waves that objects and hooks ask for themselves), each
 * once everything before it is healthy. An app without own waves and hooks is one stage, and waits for nothing.
 */
export function stepsOf({ waves }: ApplyPlan, hooks: HookObject[], isFirstRelease: boolean): Step[] {
  const withObjects = hooks.filter((hook) => runsAt(hook, 'deploy', isFirstRelease));
  const stages = stagesOf(waves, withObjects).flatMap((stage, index): Step[] => [
    ...(index > 0 && doesSomething(stage) ? [{ kind: 'healthy' } as const] : []),
    ...stage.waves.flatMap(waveSteps),
    ...hooksStep('deploy', stage.hooks),
  ]);
  const preDeploy = hooks.filter((hook) => runsAt(hook, 'pre-deploy', isFirstRelease));
  const first = [namespacesOf(waves, hooks), definitionsOf(waves, preDeploy)].filter(
    (wave) => wave.length > 0,
  );
  const before = first.map((wave): Step => ({ kind: 'wave', wave }));
  return [...before, ...hooksStep('pre-deploy', preDeploy), ...stages];
}

/** What one wave number of an app holds: its objects in the order of their kinds, then the hooks that run with them. */
interface Stage {
  number: number;
  waves: PlannedObject[][];
  hooks: HookObject[];
}

/** The waves of a plan by the number that their objects ask for; an app whose objects ask for none has one stage. */
function stagesOf(waves: PlannedObject[][], hooks: HookObject[]): Stage[] {
  const stages = new Map<number, Stage>();
  const stageOf = (number: number) => {
    const stage = stages.get(number) ?? { number, waves: [], hooks: [] };
    stages.set(number, stage);
    return stage;
  };
  for (const wave of waves) {
    const [first] = wave;
    if (first) stageOf(waveNumber(first.wanted)).waves.push(wave);
  }
  for (const hook of hooks) stageOf(hook.wave).hooks.push(hook);
  return [...stages.values()].sort((a, b) => a.number - b.number);
}

function doesSomething({ waves, hooks }: Stage): boolean {
  return hooks.length > 0 || waves.flat().some((planned) => !isSkipped(planned));
}

/** The API server asks webhooks and API services from the moment they are applied. */
function waveSteps(wave: PlannedObject[]): Step[] {
  const admission = wave.filter((planned) => !isSkipped(planned) && isAdmissionObject(planned.wanted));
  const servers: Step[] = admission.length > 0 ? [{ kind: 'servers', admission }] : [];
  return [...servers, { kind: 'wave', wave }];
}

function hooksStep(moment: 'pre-deploy' | 'deploy', hooks: HookObject[]): Step[] {
  return hooks.length > 0 ? [{ kind: 'hooks', moment, hooks }] : [];
}

/** A hook that runs before everything else still needs the namespace that it lives in. */
function namespacesOf(waves: PlannedObject[][], hooks: HookObject[]): PlannedObject[] {
  const names = new Set(hooks.map(({ rendered }) => rendered.object.metadata.namespace));
  if (names.size === 0) return [];
  return waves
    .flat()
    .filter(({ ref }) => ref.group === '' && ref.kind === 'Namespace' && names.has(ref.name));
}

/**
 * Helm creates the definitions in a chart's `crds/` before it renders anything, so that its hooks may use them
 * (https://helm.sh/docs/chart_best_practices/custom_resource_definitions); those in its templates come after the hooks.
 */
function definitionsOf(waves: PlannedObject[][], hooks: HookObject[]): PlannedObject[] {
  if (hooks.every(({ hook }) => hook.tool !== 'helm')) return [];
  return waves
    .flat()
    .filter(({ ref, rendered }) => isDefinition(ref) && /(^|\/)crds\//.test(rendered.source.file));
}
