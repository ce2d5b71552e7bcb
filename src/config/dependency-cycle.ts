import { findCycle } from '../model/cycle.ts';
import type { AppConfig } from './slipway-schema.ts';

/**
 * Names of apps of one file that depend on one another in a cycle; undefined if there is none. The apps of the pattern
 * are one node, `*`, so that an order exists whatever folders it matches: all others may wait for one of them, but with
 * two, each would wait for the other. `intake/settle-dependencies.ts` finds cycles across repositories.
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
