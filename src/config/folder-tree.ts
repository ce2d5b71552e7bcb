import type { Dirent } from 'node:fs';
import { readdir, readFile, readlink, stat } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { SlipwayError } from '../errors.ts';
import type { Tree, TreeEntry, TreeEntryType } from '../model/tree.ts';

const defaultMaxBytes = 10 * 1024 * 1024;

/**
 * The files of a folder on disk, as if they were a commit, to validate a checkout before it is pushed. Entries have their
 * path in place of a Git id, and files that Git ignores are included.
 */
export function folderTree(folder: string): Tree {
  const list = async (path: string): Promise<TreeEntry[]> => {
    const clean = await folderPath(folder, path);
    return clean === undefined ? [] : entriesOf(folder, clean);
  };
  const entry = async (path: string): Promise<TreeEntry | undefined> => {
    const clean = normal(path);
    if (clean === '.') return { name: '.', type: 'tree', id: '.' };
    if (clean === undefined) return undefined;
    const entries = await list(posix.dirname(clean));
    return entries.find(({ name }) => name === posix.basename(clean));
  };
  const read = async (path: string, maxBytes = defaultMaxBytes): Promise<Buffer> => {
    const place = { file: path };
    if ((await entry(path))?.type !== 'blob') {
      throw new SlipwayError('PATH_MISSING', `${path} is not a file`, { place });
    }
    const file = join(folder, path);
    if ((await stat(file)).size > maxBytes) {
      throw new SlipwayError('RENDER_LIMIT', `${path} has more than ${maxBytes} bytes`, { place });
    }
    return readFile(file);
  };
  const readLink = async (path: string): Promise<string> => {
    if ((await entry(path))?.type !== 'symlink')
      throw new SlipwayError('PATH_MISSING', `${path} is not a symbolic link`, { place: { file: path } });
    return readlink(join(folder, path));
  };
  return { commit: 'working folder', entry, list, read, readLink };
}

/** The path, if every part of it is a folder and none a symbolic link. */
async function folderPath(root: string, path: string): Promise<string | undefined> {
  const clean = normal(path);
  if (clean === undefined || clean === '.') return clean;
  let parent = '.';
  for (const name of clean.split('/')) {
    const entries = await entriesOf(root, parent);
    if (!entries.some((entry) => entry.name === name && entry.type === 'tree')) return undefined;
    parent = posix.join(parent, name);
  }
  return clean;
}

async function entriesOf(root: string, folder: string): Promise<TreeEntry[]> {
  const found = await readdir(join(root, folder), { withFileTypes: true }).catch(() => []);
  return found
    .flatMap((dirent) => {
      const type = typeOf(dirent);
      const id = posix.join(folder, dirent.name);
      return type === undefined || dirent.name === '.git' ? [] : [{ name: dirent.name, type, id }];
    })
    .sort((a, b) => Buffer.compare(sortKey(a), sortKey(b)));
}

function typeOf(dirent: Dirent): TreeEntryType | undefined {
  if (dirent.isSymbolicLink()) return 'symlink';
  if (dirent.isDirectory()) return 'tree';
  return dirent.isFile() ? 'blob' : undefined;
}

/** Sorts as Git does: by bytes, and folders as if their names ended with a slash. */
function sortKey({ name, type }: TreeEntry): Buffer {
  return Buffer.from(type === 'tree' ? `${name}/` : name);
}

function normal(path: string): string | undefined {
  const clean = posix.normalize(path).replace(/\/$/, '');
  if (clean === '..' || clean.startsWith('../') || clean.startsWith('/')) return undefined;
  return clean === '' ? '.' : clean;
}
