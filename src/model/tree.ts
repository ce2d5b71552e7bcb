export type TreeEntryType = 'blob' | 'tree' | 'symlink' | 'submodule';

export interface TreeEntry {
  name: string;
  type: TreeEntryType;
  /** Git object id. */
  id: string;
}

/**
 * A commit's files, read only. Paths use `/`, are relative to the root and normalised; `.` is the root.
 * A path that would leave the root is never resolved. Symlinks and submodules are reported, never followed.
 */
export interface Tree {
  readonly commit: string;
  entry(path: string): Promise<TreeEntry | undefined>;
  /** Entries of a folder in Git's order; an empty list where the folder is missing or not a folder. */
  list(path: string): Promise<TreeEntry[]>;
  /** Content of a file. Throws PATH_MISSING where there is none, RENDER_LIMIT above `maxBytes` (default 10 MiB). */
  read(path: string, maxBytes?: number): Promise<Buffer>;
}
