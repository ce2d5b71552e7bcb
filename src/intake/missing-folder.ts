import type { SlipwayConfig } from '../config/slipway-schema.ts';
import { suggest } from '../config/values.ts';
import type { Failure } from '../model/failure.ts';
import type { Target } from '../model/target.ts';
import type { Tree } from '../model/tree.ts';

/** Why a target whose folder the commit does not have is not deployed, with the nearest folders that exist. */
export async function missingFolder(target: Target, config: SlipwayConfig, tree: Tree): Promise<Failure> {
  const { path, app } = target;
  const line = config.apps[app]?.line ?? config.apps['*']?.line;
  return {
    code: 'PATH_MISSING',
    summary: `folder ${path} does not exist at this commit${await nearest(path, tree)}`,
    hint: 'Correct the path, or remove the app from slipway.yaml. Nothing of it is pruned before.',
    place: { file: config.file, ...(line === undefined ? {} : { line }) },
  };
}

/** Compares the first part of the path that is missing with the folders beside it. */
async function nearest(path: string, tree: Tree): Promise<string> {
  let parent = '';
  for (const part of path.split('/')) {
    const entries = await tree.list(parent === '' ? '.' : parent);
    const folders = entries.filter(({ type }) => type === 'tree').map(({ name }) => join(parent, name));
    const wanted = join(parent, part);
    if (!folders.includes(wanted)) return suggest(wanted, folders);
    parent = wanted;
  }
  return '';
}

function join(parent: string, name: string): string {
  return parent === '' ? name : `${parent}/${name}`;
}
