import { posix } from 'node:path';
import { SlipwayError } from '../errors.ts';
import type { Tree, TreeEntry } from '../model/tree.ts';
import type { ObjectStore } from './object-store.ts';
import type { Folder } from './tree-object.ts';

const DEFAULT_MAX_BYTES = 10 * 1024 * 1024;

/** As long as a path may be on Linux (PATH_MAX). */
const MAX_LINK_BYTES = 4096;

/**
 * The files of one commit. Cached folders are walked synchronously: checking whether one of a thousand apps changed costs
 * a few microseconds.
 */
export class CommitTree implements Tree {
  readonly commit: string;
  private readonly store: ObjectStore;
  /** Called if an object of a commit is missing: fetches it or repairs the mirror; throws if it cannot. */
  private readonly mend: (commit: string) => Promise<void>;

  constructor(commit: string, store: ObjectStore, mend: (commit: string) => Promise<void>) {
    this.commit = commit;
    this.store = store;
    this.mend = mend;
  }

  async entry(path: string): Promise<TreeEntry | undefined> {
    const clean = normalize(path);
    if (clean === undefined) return undefined;
    const root = this.store.peekRoot(this.commit) ?? (await this.load(() => this.store.root(this.commit)));
    let entry: TreeEntry | undefined = { name: '.', type: 'tree', id: root };
    if (clean === '.') return entry;
    for (const name of clean.split('/')) {
      if (entry?.type !== 'tree') return undefined;
      const folder: Folder = this.store.peekFolder(entry.id) ?? (await this.folder(entry.id));
      entry = folder.get(name);
    }
    return entry;
  }

  async list(path: string): Promise<TreeEntry[]> {
    const entry = await this.entry(path);
    if (entry?.type !== 'tree') return [];
    return [...(await this.folder(entry.id)).values()];
  }

  async read(path: string, maxBytes = DEFAULT_MAX_BYTES): Promise<Buffer> {
    const entry = await this.entry(path);
    if (entry?.type !== 'blob') throw notAFile(path, entry);
    return this.contents(path, entry, maxBytes);
  }

  async readLink(path: string): Promise<string> {
    const entry = await this.entry(path);
    if (entry?.type !== 'symlink') throw notAFile(path, entry);
    return (await this.contents(path, entry, MAX_LINK_BYTES)).toString('utf8');
  }

  private async contents(path: string, entry: TreeEntry, maxBytes: number): Promise<Buffer> {
    const blob = await this.load(() => this.store.blob(entry.id, maxBytes));
    if (typeof blob !== 'number') return blob;
    throw new SlipwayError(
      'RENDER_LIMIT',
      `${path} has ${blob} bytes, more than the ${maxBytes} that are read`,
      { place: { file: path } },
    );
  }

  private folder(id: string): Promise<Folder> {
    return this.load(() => this.store.folder(id));
  }

  /** An object that a commit names must exist; if it does not, the mirror is repaired once. */
  private async load<T>(read: () => Promise<T | undefined>): Promise<T> {
    const found = await read();
    if (found !== undefined) return found;
    await this.mend(this.commit);
    const again = await read();
    if (again !== undefined) return again;
    throw new SlipwayError('COMMIT_MISSING', `commit ${this.commit} is not complete on the forge`);
  }
}

/** Undefined for a path that leaves the root. */
function normalize(path: string): string | undefined {
  const clean = posix.normalize(path).replace(/\/$/, '');
  if (clean === '..' || clean.startsWith('../') || clean.startsWith('/')) return undefined;
  return clean === '' ? '.' : clean;
}

function notAFile(path: string, entry: TreeEntry | undefined): SlipwayError {
  const place = { file: path };
  if (entry === undefined) return new SlipwayError('PATH_MISSING', `${path} does not exist`, { place });
  const what = {
    tree: 'is a folder, not a file',
    symlink: 'is a symbolic link, which Slipway does not follow',
    submodule: 'is a submodule, which Slipway does not follow',
    blob: 'is a file',
  }[entry.type];
  return new SlipwayError('PATH_MISSING', `${path} ${what}`, { place });
}
