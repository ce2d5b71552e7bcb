import { posix } from 'node:path';

/** A path written relative to a folder, as a path in the repository; undefined where it leaves it or is absolute. */
export function insideRepository(folder: string, written: string): string | undefined {
  if (written.startsWith('/')) return undefined;
  const path = posix.normalize(posix.join(folder, written)).replace(/\/$/, '');
  return path === '..' || path.startsWith('../') ? undefined : path;
}

/** Whether a path in the repository is a folder itself or lies below it. */
export function isBelow(path: string, folder: string): boolean {
  return folder === '.' || path === folder || path.startsWith(`${folder}/`);
}
