import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** A file of this project, with its path from the root. */
export interface Source {
  path: string;
  text: string;
}

export interface Import {
  /** The module as written, or the path from the root if it is part of this project. */
  module: string;
  own: boolean;
}

/** All files below the folders whose names have this ending. */
export function sourcesIn(folders: string[], ending = '.ts'): Source[] {
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith(ending))
      .map((path) => source(join(folder, path))),
  );
}

export function source(path: string): Source {
  return { path, text: readFileSync(join(root, path), 'utf8') };
}

/** What a file imports or re-exports, types included. */
export function importsOf({ path, text }: Source): Import[] {
  const found = text.matchAll(
    /(?:^|\n)(?:import|export)\s[^;'"]*?from\s+'([^']+)'|(?:^|\n)import\s+'([^']+)'/g,
  );
  return [...found].map(([, from, alone]) => {
    const module = from ?? alone ?? '';
    const own = module.startsWith('.');
    return { module: own ? normalize(join(dirname(path), module)) : module, own };
  });
}

/** The package of a module: `@octokit/core` of `@octokit/core/types`. */
export function packageOf(module: string): string {
  return module.split('/', module.startsWith('@') ? 2 : 1).join('/');
}

/**
 * The import cycles among files, each as its files in alphabetical order: the strongly connected components with more
 * than one file (Tarjan, https://doi.org/10.1137/0201010).
 */
export function importCyclesIn(sources: Source[]): string[][] {
  const imports = new Map(sources.map((one) => [one.path, importsOf(one).map(({ module }) => module)]));
  const index = new Map<string, number>();
  const lowest = new Map<string, number>();
  const open: string[] = [];
  const cycles: string[][] = [];
  const numberOf = (numbers: Map<string, number>, path: string) => numbers.get(path) ?? Infinity;

  const visit = (path: string): void => {
    index.set(path, index.size);
    lowest.set(path, numberOf(index, path));
    open.push(path);
    for (const next of imports.get(path) ?? []) {
      if (!imports.has(next)) continue;
      const known = index.has(next);
      if (!known) visit(next);
      if (known && !open.includes(next)) continue;
      const reached = numberOf(known ? index : lowest, next);
      lowest.set(path, Math.min(numberOf(lowest, path), reached));
    }
    if (lowest.get(path) !== index.get(path)) return;
    const component = open.splice(open.indexOf(path));
    if (component.length > 1) cycles.push(component.sort());
  };
  for (const path of imports.keys()) if (!index.has(path)) visit(path);
  return cycles.sort();
}
