import type { RendererName, Target } from '../model/target.ts';
import type { CommitFiles } from './files/commit-files.ts';
import { Refusal } from './files/refusal.ts';

/** The names that Kustomize knows, in its order of preference. */
export const kustomizationNames = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'];

/** What renders an app: what slipway.yaml says, else what its folder holds. Throws Refusal (PATH_MISSING). */
export async function detectRenderer({ path, renderer }: Target, files: CommitFiles): Promise<RendererName> {
  const type = await files.look(path);
  if (type !== 'folder') {
    const what = type === 'missing' ? 'does not exist' : 'is a file, not a folder';
    throw new Refusal(path, `the folder ${path} ${what}`, { code: 'PATH_MISSING' });
  }
  if (renderer !== undefined) return renderer;
  for (const name of kustomizationNames) {
    if (await isFile(`${path}/${name}`, files)) return 'kustomize';
  }
  return (await isFile(`${path}/Chart.yaml`, files)) ? 'helm' : 'plain';
}

async function isFile(path: string, files: CommitFiles): Promise<boolean> {
  return (await files.look(path)) === 'file';
}
