import { posix } from 'node:path';
import { SlipwayError } from '../../errors.ts';
import type { Tree, TreeEntry } from '../../model/tree.ts';
import type { EngineFailure, EntryType, RequestLimits } from '../engine/protocol.ts';
import {
  foldersOf,
  holdersOf,
  type Look,
  type LookKind,
  type Looks,
  listAt,
  namesText,
  type SeenLook,
  sawOf,
} from './looks.ts';
import { Refusal } from './refusal.ts';
import { type Resolved, resolve } from './resolve.ts';

/** https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md: a pointer begins so, and is shorter than 1,024 bytes. */
const LFS_POINTER = 'version https://git-lfs.github.com/spec/';
const MAX_POINTER = 1024;
/** Deeper than any repository that people work in. */
const MAX_DEPTH = 64;

/**
 * The files of a commit as one render may see them: links are followed inside of the repository, everything is counted, and
 * every look is remembered. Its methods throw Refusal, which ends the render, and what the tree throws of Git.
 */
export class CommitFiles {
  private readonly tree: Tree;
  private readonly limits: Pick<RequestLimits, 'files' | 'fileBytes' | 'bytes' | 'looks'>;
  private readonly seen = new Map<string, SeenLook>();
  private readonly files = new Set<string>();
  private bytes = 0;

  constructor(tree: Tree, limits: Pick<RequestLimits, 'files' | 'fileBytes' | 'bytes' | 'looks'>) {
    this.tree = tree;
    this.limits = limits;
  }

  async look(path: string): Promise<EntryType> {
    const found = await this.resolved('type', path);
    return typeOf(found.entry);
  }

  /** With suffixes: only folders, and names that end so, in any case. */
  async list(path: string, suffixes: string[] = []): Promise<{ name: string; type: EntryType }[]> {
    const found = await this.resolved('names', path);
    const entries = await listAt(this.tree, found, suffixes);
    this.note({ kind: 'names', path, suffixes, saw: namesText(entries) }, found);
    return Promise.all(
      entries.map(async (entry) => ({ name: entry.name, type: await this.listedType(found.path, entry) })),
    );
  }

  /** Undefined where there is no such file. */
  async read(path: string): Promise<Buffer | undefined> {
    const found = await this.resolved('content', path);
    const [link] = found.links;
    if (found.entry === undefined && link !== undefined)
      throw new Refusal(link, `${link} is a symbolic link to ${found.path}, which does not exist`);
    if (found.entry?.type !== 'blob') return undefined;
    this.countFile(path);
    const content = await this.contents(path, found.path);
    this.bytes += content.length;
    if (this.bytes > this.limits.bytes)
      throw tooMuch(path, `the files of the app have more than ${this.limits.bytes} bytes`);
    if (content.length < MAX_POINTER && content.toString('latin1').startsWith(LFS_POINTER))
      throw new Refusal(path, `${path} is a pointer of Git LFS, whose file is not in the repository`, {
        hint: 'Commit the file itself.',
      });
    return content;
  }

  /** Goes on from here, as often as a render is begun anew. */
  fork(): CommitFiles {
    const fork = new CommitFiles(this.tree, this.limits);
    for (const [key, look] of this.seen) fork.seen.set(key, look);
    return fork;
  }

  /** What was looked at so far. */
  async looks(): Promise<Looks> {
    const seen = [...this.seen.values()];
    const looks = seen.map(({ found: _, ...look }) => look);
    return { looks, folders: await foldersOf(this.tree, holdersOf(seen)) };
  }

  private async contents(path: string, real: string): Promise<Buffer> {
    try {
      return await this.tree.read(real, this.limits.fileBytes);
    } catch (error) {
      if (!(error instanceof SlipwayError) || error.code !== 'RENDER_LIMIT') throw error;
      throw tooMuch(path, error.message);
    }
  }

  private async resolved(kind: LookKind, path: string): Promise<Resolved> {
    const depth = path.split('/').length;
    if (depth > MAX_DEPTH) throw tooMuch(path, `the folders are more than ${MAX_DEPTH} deep`);
    try {
      const found = await resolve(this.tree, path);
      if (kind !== 'names') this.note({ kind, path, saw: sawOf(kind, found) }, found);
      return found;
    } catch (error) {
      if (error instanceof Refusal) this.note({ kind, path, saw: `refused: ${error.message}` }, undefined);
      throw error;
    }
  }

  private note(look: Look, found: Resolved | undefined): void {
    const { kind, path, suffixes = [] } = look;
    this.seen.set(JSON.stringify([kind, path, suffixes]), { ...look, found });
    if (this.seen.size > this.limits.looks)
      throw tooMuch(path, `the render looks at more than ${this.limits.looks} files and folders`);
  }

  private countFile(path: string): void {
    this.files.add(path);
    if (this.files.size > this.limits.files)
      throw tooMuch(path, `the app has more than ${this.limits.files} files`);
  }

  /** A link is listed as what it leads to. One that cannot be followed is listed as what it seems to be, and refused when used. */
  private async listedType(folder: string, entry: TreeEntry): Promise<EntryType> {
    if (entry.type !== 'symlink') return typeOf(entry);
    const path = posix.join(folder, entry.name);
    try {
      const { entry: target } = await this.resolved('type', path);
      if (target) return typeOf(target);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
    }
    return entry.name.includes('.') ? 'file' : 'folder';
  }
}

function typeOf(entry: TreeEntry | undefined): EntryType {
  if (entry === undefined) return 'missing';
  return entry.type === 'blob' ? 'file' : 'folder';
}

function tooMuch(file: string, summary: string): Refusal {
  return new Refusal(file, summary, { code: 'RENDER_LIMIT' });
}

/** The failure of a look, if it is one that ends the render and not one of Git. */
export function failureOf(error: unknown): EngineFailure | undefined {
  return error instanceof Refusal ? error.failure : undefined;
}
