import { posix } from 'node:path';
import { SlipwayError } from '../../errors.ts';
import type { Tree, TreeEntry } from '../../model/tree.ts';

export interface PlainFiles {
  /** Path in the repository → Git id, in the order they are read. */
  files: Map<string, string>;
  warnings: string[];
}

const MANIFEST = /\.(ya?ml|json)$/i;

/** Slipway's own file may lie in the folder of an app at the root. */
const OWN_FILE = 'slipway.yaml';

/**
 * Every manifest below a folder, as `kubectl apply -R -f` finds them: `.yaml`, `.yml`, `.json`; names with a leading dot
 * are left out. A link or submodule that may hold manifests is an error, never a silent gap: what is
 * not rendered would be pruned.
 */
export async function walkPlain(tree: Tree, root: string, maxFiles: number): Promise<PlainFiles> {
  const found: PlainFiles = { files: new Map(), warnings: [] };
  await walkFolder(tree, root, found, maxFiles);
  return found;
}

async function walkFolder(tree: Tree, folder: string, found: PlainFiles, maxFiles: number): Promise<void> {
  for (const entry of await tree.list(folder)) {
    const path = posix.join(folder, entry.name);
    if (entry.name.startsWith('.') || path === OWN_FILE) continue;
    if (entry.type === 'tree') await walkFolder(tree, path, found, maxFiles);
    else addFile(entry, path, found);
    if (found.files.size > maxFiles) {
      throw new SlipwayError('RENDER_LIMIT', `more than ${maxFiles} manifests`, { place: { file: folder } });
    }
  }
}

function addFile(entry: TreeEntry, path: string, found: PlainFiles): void {
  const isManifest = MANIFEST.test(entry.name);
  if (entry.type === 'blob' && isManifest) found.files.set(path, entry.id);
  if (entry.type === 'submodule') throw notFollowed(path, 'a submodule');
  if (entry.type !== 'symlink') return;
  if (isManifest || !entry.name.includes('.')) throw notFollowed(path, 'a symbolic link');
  found.warnings.push(`${path} is a symbolic link and was not read`);
}

function notFollowed(path: string, what: string): SlipwayError {
  return new SlipwayError('RENDER_FAILED', `${path} is ${what}, which Slipway does not follow`, {
    place: { file: path },
    hint: 'Put the files themselves into the folder.',
  });
}
