import { SlipwayError } from '../errors.ts';
import type { RendererName, Target } from '../model/target.ts';
import type { Tree } from '../model/tree.ts';

/** The names that Kustomize knows, in its order of preference. */
export const kustomizationNames = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'];

/** What renders an app: what slipway.yaml says, else what its folder holds. Throws PATH_MISSING. */
export async function detectRenderer(target: Target, tree: Tree): Promise<RendererName> {
  const folder = await tree.entry(target.path);
  if (folder?.type !== 'tree') {
    const what = folder === undefined ? 'does not exist' : `is a ${folder.type}, not a folder`;
    throw new SlipwayError('PATH_MISSING', `the folder ${target.path} ${what}`, {
      place: { file: target.path },
    });
  }
  if (target.renderer !== undefined) return target.renderer;
  const names = new Set((await tree.list(target.path)).map(({ name }) => name));
  if (kustomizationNames.some((name) => names.has(name))) return 'kustomize';
  return names.has('Chart.yaml') ? 'helm' : 'plain';
}
