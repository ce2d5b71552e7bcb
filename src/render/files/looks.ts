import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import type { Tree, TreeEntry } from '../../model/tree.ts';
import { isBelow } from '../inside.ts';
import { Refusal } from './refusal.ts';
import { type Resolved, resolve } from './resolve.ts';

/**
 * What a render wanted to know of a path: what is there (`type`), which names a folder has (`names`), or the bytes of a file
 * (`content`).
 */
export type LookKind = 'type' | 'names' | 'content';

/** A look, and a short text for what it saw: equal texts, equal answers. */
export interface Look {
  kind: LookKind;
  path: string;
  /** Of `names`: only folders, and names that end so, in any case. */
  suffixes?: string[] | undefined;
  saw: string;
}

/** Everything that one render looked at: what decides its output, as far as it comes from the repository. */
export interface Looks {
  looks: Look[];
  /** The few folders that hold all of it, with their Git ids: when none of them moved, nothing did. */
  folders: [path: string, id: string | undefined][];
}

/** The same look again, in another tree. Throws what the tree throws. */
export async function sawAt(
  tree: Tree,
  { kind, path, suffixes = [] }: Pick<Look, 'kind' | 'path' | 'suffixes'>,
): Promise<string> {
  try {
    const found = await resolve(tree, path);
    return kind === 'names' ? namesText(await listAt(tree, found, suffixes)) : sawOf(kind, found);
  } catch (error) {
    if (error instanceof Refusal) return `refused: ${error.message}`;
    throw error;
  }
}

/** Entries of a resolved folder; none where it is no folder. A link may lead to a folder, whatever its name. */
export async function listAt(
  tree: Tree,
  { path, entry }: Resolved,
  suffixes: string[],
): Promise<TreeEntry[]> {
  const entries = entry?.type === 'tree' ? await tree.list(path) : [];
  if (suffixes.length === 0) return entries;
  const fits = (name: string) => suffixes.some((suffix) => name.toLowerCase().endsWith(suffix));
  return entries.filter(({ name, type }) => type !== 'blob' || fits(name));
}

export function sawOf(kind: 'type' | 'content', { entry }: Resolved): string {
  if (entry === undefined) return 'missing';
  return kind === 'type' || entry.type === 'tree' ? entry.type : entry.id;
}

/** Names and types, not what is in the files: a folder whose files only changed has the same. */
export function namesText(entries: TreeEntry[]): string {
  const names = entries.map(({ name, type, id }) => [name, type === 'symlink' ? id : type]);
  return createHash('sha256').update(JSON.stringify(names)).digest('base64url');
}

/** The outermost of the folders, with what they are in this tree. */
export async function foldersOf(tree: Tree, touched: Iterable<string>): Promise<Looks['folders']> {
  const outermost: string[] = [];
  for (const path of [...new Set(touched)].sort((a, b) => a.length - b.length)) {
    if (!outermost.some((other) => isBelow(path, other))) outermost.push(path);
  }
  const folders: Looks['folders'] = [];
  for (const path of outermost) folders.push([path, (await tree.entry(path))?.id]);
  return folders;
}

/** Whether every look would see the same in this tree. */
export async function stillSeen(tree: Tree, { looks, folders }: Looks): Promise<boolean> {
  if (await sameFolders(tree, folders)) return true;
  for (const look of looks) {
    if ((await sawAt(tree, look)) !== look.saw) return false;
  }
  return true;
}

async function sameFolders(tree: Tree, folders: Looks['folders']): Promise<boolean> {
  for (const [path, id] of folders) {
    if (id === undefined || (await tree.entry(path))?.id !== id) return false;
  }
  return true;
}

/** A look as it was made: with what was found at the path, unless that was refused. */
export interface SeenLook extends Look {
  found: Resolved | undefined;
}

/**
 * The folders whose Git ids tell of every change of these looks. That a folder is there needs none where something below it
 * was looked at: that would be gone with it.
 */
export function holdersOf(seen: SeenLook[]): Set<string> {
  const above = new Set<string>();
  for (const { path } of seen) {
    for (let at = posix.dirname(path); at !== '.' && !above.has(at); at = posix.dirname(at)) above.add(at);
  }
  if (seen.some(({ path }) => path !== '.')) above.add('.');
  const holders = new Set<string>();
  for (const { kind, path, found } of seen) {
    const isFolder = found?.entry?.type === 'tree';
    if (kind === 'type' && isFolder && above.has(path) && found?.links.length === 0) continue;
    holders.add(isFolder ? path : posix.dirname(path));
    if (found && found.links.length > 0) holders.add(isFolder ? found.path : posix.dirname(found.path));
    for (const link of found?.links ?? []) holders.add(posix.dirname(link));
  }
  return holders;
}
