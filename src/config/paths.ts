import { posix } from 'node:path';

/**
 * A path of the repository in its normal form: no leading or trailing slash, no `.` or `//`; the root is `.`.
 * Undefined if the path is absolute, has a `..`, a backslash or a control character.
 */
export function repositoryPath(path: string): string | undefined {
  if (path === '' || path.startsWith('/') || /[\\\p{Cc}]/u.test(path)) return undefined;
  if (path.split('/').includes('..')) return undefined;
  return posix.normalize(path).replace(/\/$/, '');
}

/**
 * A path from a folder of the repository in its normal form; it may begin with `../`.
 * Undefined if it is absolute or leaves the repository.
 */
export function pathFrom(folder: string, path: string): string | undefined {
  if (path === '' || path.startsWith('/') || /[\\\p{Cc}]/u.test(path)) return undefined;
  const joined = posix.join(folder, path);
  if (joined === '..' || joined.startsWith('../')) return undefined;
  return posix.normalize(path).replace(/\/$/, '');
}
