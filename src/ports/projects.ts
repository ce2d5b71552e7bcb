import type { RepositoryId } from '../model/target.ts';

/** Repositories that somebody may see. */
export interface RepositoryScope {
  /** Texts of which one begins the id of each of them; none: there are no such repositories. */
  beginnings: string[];
  includes(repository: RepositoryId): boolean;
}

/** Who sees release pages: who has the signed address, who also has a token, or nobody. */
export type LinkMode = 'signed' | 'login' | 'off';

/** The projects of server.yaml. */
export interface Projects {
  /** The project that alone allows the repository; undefined: none does, or several do. */
  projectOf(repository: RepositoryId): string | undefined;
  /** Of the repository's project; `off` if it has none. */
  linksOf(repository: RepositoryId): LinkMode;
  /** The repositories of these projects. A name that server.yaml does not have adds none. */
  scopeOf(names: readonly string[]): RepositoryScope;
}
