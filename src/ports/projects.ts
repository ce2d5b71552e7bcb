import type { RepositoryId } from '../model/target.ts';

/** Repositories that somebody may see. */
export interface RepositoryScope {
  /** Texts of which one begins the id of each of them; none: there are no such repositories. */
  beginnings: string[];
  includes(repository: RepositoryId): boolean;
}

/** The projects of server.yaml. */
export interface Projects {
  /** The project that alone allows the repository; undefined: none does, or several do. */
  projectOf(repository: RepositoryId): string | undefined;
  /** The repositories of these projects. A name that server.yaml does not have adds none. */
  scopeOf(names: readonly string[]): RepositoryScope;
}
