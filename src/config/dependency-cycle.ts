import { findCycle } from '../model/cycle.ts';
import type { AppConfig } from './slipway-schema.ts';

/**
 * Names of apps of one file that wait for one another in a ring, or undefined. Apps of the pattern are one node, `*`:
 * whatever folders it finds, an order exists. One of them may be what all the others wait for; with two, each would
 * wait for the other. Rings over other repositories are found where their edges are known (intake/dependencies.ts).
 */
export function cycleInFile(apps: Record<string, AppConfig>): string[] | undefined {
  return findCycle(Object.keys(apps), (name) => edges(name, apps));
}

function edges(name: string, apps: Record<string, AppConfig>): string[] {
  const own = apps[name]?.dependsOn.filter(({ repository }) => repository === undefined) ?? [];
  const dependencies = new Set(own.map(({ app }) => app));
  const named = [...dependencies].filter((dependency) => apps[dependency]);
  const found = dependencies.size - named.length;
  const toPattern = name === '*' ? found > 1 : found > 0;
  return toPattern ? [...named, '*'] : named;
}
