export type TreeEntryType = 'blob' | 'tree' | 'symlink' | 'submodule';

export interface TreeEntry {
  name: string;
  type: TreeEntryType;
  /** Git object id. */
  id: string;
}

/**
 * The files of a commit, read only. Paths use `/`, are relative to the root and normalised; `.` is the root. Paths that
 * lead outside the root are never resolved. Symlinks and submodules are listed, never followed.
 */
export interface Tree {
  readonly commit: string;
  entry(path: string): Promise<TreeEntry | undefined>;
  /** Entries of a folder in Git's order; empty if the folder is missing or is not a folder. */
  list(path: string): Promise<TreeEntry[]>;
  /** Content of a file. Throws PATH_MISSING if there is none, RENDER_LIMIT above `maxBytes` (default 10 MiB). */
  read(path: string, maxBytes?: number): Promise<Buffer>;
  /** What a symlink says, as it is written. Throws PATH_MISSING if there is none. */
  readLink(path: string): Promise<string>;
}
