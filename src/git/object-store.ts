import type { GitObject } from './batch-parser.ts';
import type { ObjectCache } from './object-cache.ts';
import type { ObjectReader } from './object-reader.ts';
import type { Folder } from './tree-object.ts';
import { parseTree } from './tree-object.ts';

/** No person writes a commit message or a folder larger than this. */
const MAX_COMMIT = 4 * 1024 * 1024;
const MAX_FOLDER = 32 * 1024 * 1024;

/** The objects of one mirror, through the cache. Undefined always means that the mirror does not have the object. */
export class ObjectStore {
  private readonly reader: ObjectReader;
  private readonly cache: ObjectCache;

  constructor(reader: ObjectReader, cache: ObjectCache) {
    this.reader = reader;
    this.cache = cache;
  }

  /** The commit that a ref or an abbreviated name means. */
  async resolve(name: string): Promise<string | undefined> {
    const object = await this.ask(() => this.reader.info(name));
    return object?.type === 'commit' ? object.id : undefined;
  }

  peekRoot(commit: string): string | undefined {
    return this.cache.roots.get(commit);
  }

  /** Id of the commit's root tree. */
  async root(commit: string): Promise<string | undefined> {
    const object = await this.ask(() => this.reader.contents(commit, MAX_COMMIT));
    if (object?.type !== 'commit' || !object.body) return undefined;
    const [, tree] = /^tree ([0-9a-f]+)\n/.exec(object.body.toString('latin1', 0, 80)) ?? [];
    if (tree !== undefined) this.cache.roots.set(commit, tree);
    return tree;
  }

  peekFolder(id: string): Folder | undefined {
    return this.cache.folders.get(id);
  }

  async folder(id: string): Promise<Folder | undefined> {
    const known = this.cache.folders.get(id);
    if (known) return known;
    const object = await this.ask(() => this.reader.contents(id, MAX_FOLDER));
    if (object?.type !== 'tree' || !object.body) return undefined;
    const folder = parseTree(id, object.body);
    this.cache.folders.set(id, folder);
    return folder;
  }

  /** A file's bytes; only its size if that exceeds `maxBytes`. */
  async blob(id: string, maxBytes: number): Promise<Buffer | number | undefined> {
    const known = this.cache.blobs.get(id);
    if (known) return known.length > maxBytes ? known.length : known;
    const object = await this.ask(() => this.reader.contents(id, maxBytes));
    if (object?.type !== 'blob') return undefined;
    if (!object.body) return object.size;
    this.cache.blobs.set(id, object.body);
    return object.body;
  }

  /** Restarts the reader once if it died (killed, or its mirror was deleted). */
  private async ask(question: () => Promise<GitObject | undefined>): Promise<GitObject | undefined> {
    try {
      return await question();
    } catch {
      return await question().catch(() => undefined);
    }
  }
}
