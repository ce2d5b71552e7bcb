import type { RepositoryId } from '../model/target.ts';
import type { Tree } from '../model/tree.ts';

/** The result of `git ls-remote --symref`. */
export interface RemoteHeads {
  defaultBranch: string;
  /** Branch name → commit. */
  branches: Map<string, string>;
}

/** What one fetch found at the forge. */
export interface Fetched {
  /** Branch name → head, of the branches that were asked for and exist. */
  heads: Map<string, string>;
  /** Undefined: the forge names none (an empty repository). */
  defaultBranch: string | undefined;
}

/** This host's bare mirror of one repository. Throws GIT_UNREACHABLE, GIT_REFUSED, GIT_INVALID, COMMIT_MISSING. */
export interface Mirror {
  /** Reads from the forge; writes nothing. */
  heads(signal?: AbortSignal): Promise<RemoteHeads>;
  /**
   * Fetches the branches by name, and learns which branch is the default one now. A branch that the forge does not
   * have is absent.
   * `announced` is a commit that is probably one of the heads: it only makes the fetch quicker.
   */
  fetch(branches: string[], signal?: AbortSignal, announced?: string): Promise<Fetched>;
  /** Whether the mirror has the commit, so that nothing need be fetched for it. */
  has(commit: string): Promise<boolean>;
  /** Fetches the commit by its id, unless the mirror has it. */
  ensure(commit: string, signal?: AbortSignal): Promise<void>;
  /** The files of a commit that the mirror has. */
  tree(commit: string): Tree;
  /**
   * Messages of the commits in the history of `commit` that are not in that of `since`, newest first, at most 200;
   * only the commit's own if `since` is undefined or the forge does not have it. Fetches both if they are missing.
   */
  messages(commit: string, since?: string): Promise<string[]>;
  /**
   * The commits in the history of `commit` that are not in that of any of `known`, newest first, at most `most`. Commits
   * that the mirror does not have exclude nothing. Fetches `commit` if it is missing.
   */
  since(commit: string, known: string[], most: number): Promise<string[]>;
  /**
   * Whether `ancestor` is in the history of `commit`; false if `ancestor` is unknown. Fetches `commit` if it is missing:
   * a missing object is never a "no".
   */
  isAncestor(ancestor: string, commit: string): Promise<boolean>;
}

export interface Mirrors {
  open(repository: RepositoryId): Mirror;
  close(): Promise<void>;
}
