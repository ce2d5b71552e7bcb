import { posix } from 'node:path';
import type { Tree, TreeEntry } from '../model/tree.ts';

/** If a push changes more files than this, every app is looked at. */
const MOST = 2_000;

/**
 * Paths that differ between two trees, found by the Git ids of their folders: costs in proportion to what changed.
 * Undefined if a folder was added or removed (then the apps may differ), or if too much changed.
 */
export async function changedFiles(before: Tree, after: Tree): Promise<string[] | undefined> {
  const changed: string[] = [];
  return (await compare('.', before, after, changed)) ? changed : undefined;
}

async function compare(folder: string, before: Tree, after: Tree, changed: string[]): Promise<boolean> {
  const old = new Map((await before.list(folder)).map((entry) => [entry.name, entry]));
  for (const entry of await after.list(folder)) {
    const was = old.get(entry.name);
    old.delete(entry.name);
    if (was?.id === entry.id && was.type === entry.type) continue;
    if (isOtherwise(was, entry)) return false;
    const path = posix.join(folder, entry.name);
    if (entry.type !== 'tree') changed.push(path);
    else if (!(await compare(path, before, after, changed))) return false;
    if (changed.length > MOST) return false;
  }
  for (const gone of old.values()) {
    if (gone.type === 'tree') return false;
    changed.push(posix.join(folder, gone.name));
  }
  return changed.length <= MOST;
}

/** Whether a folder was added, or something became a folder or stopped being one. */
function isOtherwise(was: TreeEntry | undefined, entry: TreeEntry): boolean {
  return (was?.type === 'tree') !== (entry.type === 'tree');
}
