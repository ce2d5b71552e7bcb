import type { Tree } from '../model/tree.ts';
import { repositoryPath } from './paths.ts';
import { fill } from './placeholders.ts';
import type { AppConfig, SlipwayConfig } from './slipway-schema.ts';
import { isLabel, labelRule } from './values.ts';

export interface FoundApps {
  /** Apps of one environment: the named ones, then those of the pattern, named after their folders. */
  apps: AppConfig[];
  /** Their names, to look up every dependency of every app. */
  deployed: Set<string>;
  /** Names that `dependsOn` may use: also apps and folders that are not deployed in this environment. */
  known: Set<string>;
  /** Folders that match the pattern and cannot be apps. */
  refused: { name: string; message: string }[];
}

/** The apps of an environment. A named app takes precedence: the pattern finds neither its name nor its folder again. */
export async function findApps(config: SlipwayConfig, environment: string, tree: Tree): Promise<FoundApps> {
  const { '*': pattern, ...rest } = config.apps;
  const named = Object.values(rest);
  const apps = named.filter((app) => runsIn(app, environment));
  const result: FoundApps = {
    apps,
    deployed: new Set(apps.map((app) => app.name)),
    known: new Set(named.map((app) => app.name)),
    refused: [],
  };
  if (!pattern) return result;
  const taken = new Set(named.map((app) => repositoryPath(fill(app.path, { app: app.name, environment }))));
  for (const { name, path } of await candidates(pattern, environment, tree)) {
    if (result.known.has(name) || taken.has(path)) continue;
    if (isLabel(name)) result.known.add(name);
    if (!runsIn(pattern, environment) || !(await isFolder(path, tree))) continue;
    if (isLabel(name)) {
      result.apps.push({ ...pattern, name });
      result.deployed.add(name);
      continue;
    }
    const message = `folder ${path} matches "*", but its name is not a valid app name: ${labelRule}`;
    result.refused.push({ name, message });
  }
  return result;
}

function runsIn(app: AppConfig, environment: string): boolean {
  return app.environments?.includes(environment) ?? true;
}

/** Folders at the position of `{app}`, even if the rest of the path does not exist. Hidden folders are not apps. */
async function candidates(pattern: AppConfig, environment: string, tree: Tree) {
  const parts = fill(repositoryPath(pattern.path) ?? '', { app: '{app}', environment }).split('/');
  const index = parts.findIndex((part) => part.includes('{app}'));
  const [before = '', after = ''] = parts[index]?.split('{app}') ?? [];
  const entries = await tree.list(parts.slice(0, index).join('/') || '.');
  return entries.flatMap((entry) => {
    const fits = entry.name.startsWith(before) && entry.name.endsWith(after);
    const name = entry.name.slice(before.length, entry.name.length - after.length);
    if (entry.type !== 'tree' || !fits || name === '' || entry.name.startsWith('.')) return [];
    return [{ name, path: [...parts.slice(0, index), entry.name, ...parts.slice(index + 1)].join('/') }];
  });
}

export async function isFolder(path: string, tree: Tree): Promise<boolean> {
  return path === '.' || (await tree.entry(path))?.type === 'tree';
}
