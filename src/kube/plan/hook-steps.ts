import type { HookObject } from './hook-object.ts';
import { inWaves } from './order.ts';

/**
 * The hooks of one moment in the order in which they run; each step is waited for before the next. By wave, then by
 * kind. Argo CD's and Slipway's own of one wave and kind run in parallel, Helm's one after the other by name
 * (helm.sh/docs/topics/charts_hooks: sorted by weight, kind and name, and waited for one by one).
 */
export function hookSteps(hooks: HookObject[]): HookObject[][] {
  const numbers = [...new Set(hooks.map(({ wave }) => wave))].sort((a, b) => a - b);
  return numbers
    .map((number) => hooks.filter(({ wave }) => wave === number))
    .flatMap((wave) => inWaves(wave, ({ rendered }) => rendered.object))
    .flatMap(stepsOfKind);
}

function stepsOfKind(hooks: HookObject[]): HookObject[][] {
  const parallel = hooks.filter(({ hook }) => hook.tool !== 'helm');
  const single = hooks.filter(({ hook }) => hook.tool === 'helm').sort(byName);
  return [...(parallel.length > 0 ? [parallel] : []), ...single.map((one) => [one])];
}

function byName(one: HookObject, other: HookObject): number {
  return nameOf(one) < nameOf(other) ? -1 : 1;
}

function nameOf({ rendered: { object } }: HookObject): string {
  return object.metadata.name ?? object.metadata.generateName ?? '';
}
