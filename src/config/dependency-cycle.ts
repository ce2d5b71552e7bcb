import type { AppConfig } from './slipway-schema.ts';

/**
 * Names of apps that wait for one another in a ring, or undefined. Apps of the pattern are one node, `*`: whatever
 * folders it finds, an order exists. One of them may be what all the others wait for; with two, each would wait
 * for the other.
 */
export function findCycle(apps: Record<string, AppConfig>): string[] | undefined {
  const done = new Set<string>();
  for (const start of Object.keys(apps)) {
    const cycle = visit(start, [], done, apps);
    if (cycle) return cycle;
  }
  return undefined;
}

function visit(
  name: string,
  way: readonly string[],
  done: Set<string>,
  apps: Record<string, AppConfig>,
): string[] | undefined {
  if (way.includes(name)) return way.slice(way.indexOf(name));
  if (done.has(name)) return undefined;
  for (const next of edges(name, apps)) {
    const cycle = visit(next, [...way, name], done, apps);
    if (cycle) return cycle;
  }
  done.add(name);
  return undefined;
}

function edges(name: string, apps: Record<string, AppConfig>): string[] {
  const dependencies = new Set(apps[name]?.dependsOn);
  const named = [...dependencies].filter((dependency) => apps[dependency]);
  const found = dependencies.size - named.length;
  const toPattern = name === '*' ? found > 1 : found > 0;
  return toPattern ? [...named, '*'] : named;
}
