import { waveNumber } from '../../model/hook.ts';
import type { HookObject } from '../hooks/hook-object.ts';
import type { PlannedObject } from '../plan/plan.ts';

/** What one own wave of an app brings: its objects in the order of their kinds, then the hooks that go with them. */
export interface Stage {
  number: number;
  waves: PlannedObject[][];
  hooks: HookObject[];
}

/** The waves of a plan, gathered by the number that their objects ask for; an app that asks for none has one stage. */
export function stagesOf(waves: PlannedObject[][], hooks: HookObject[]): Stage[] {
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
