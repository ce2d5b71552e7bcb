import { type RepositoryId, splitRepository } from '../model/target.ts';

/** The path of a repository on its forge, for an address. */
export function pathOf(repository: RepositoryId): string {
  return pathSegments(splitRepository(repository).path);
}

/** A path whose names may hold any character, for an address. */
export function pathSegments(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}
