import { SlipwayError } from '../errors.ts';
import type { GitObject } from './batch-parser.ts';
import { gitMissing } from './git-failure.ts';
import type { ObjectCache } from './object-cache.ts';
import { type ObjectReader, UnreadableMirror } from './object-reader.ts';
import type { Folder } from './tree-object.ts';
import { parseTree } from './tree-object.ts';

/** A folder of some 500,000 entries. */
const MAX_FOLDER = 32 * 1024 * 1024;

/** A commit with a longer message shows no parents here. */
const MAX_COMMIT = 1024 * 1024;

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
    // Not from the commit itself: its message has any length.
    const object = await this.ask(() => this.reader.info(`${commit}^{tree}`));
    if (object?.type !== 'tree') return undefined;
    this.cache.roots.set(commit, object.id);
    return object.id;
  }

  /** Ids of the commit's parents. */
  async parents(commit: string): Promise<string[]> {
    const object = await this.ask(() => this.reader.contents(commit, MAX_COMMIT));
    if (object?.type !== 'commit' || !object.body) return [];
    const [header = ''] = object.body.toString('latin1').split('\n\n', 1);
    return [...header.matchAll(/^parent ([0-9a-f]+)$/gm)].flatMap(([, id]) => id ?? []);
  }

  peekFolder(id: string): Folder | undefined {
    return this.cache.folders.get(id);
  }

  async folder(id: string): Promise<Folder | undefined> {
    const known = this.cache.folders.get(id);
    if (known) return known;
    const object = await this.ask(() => this.reader.contents(id, MAX_FOLDER));
    if (object?.type !== 'tree') return undefined;
    // Another clone would not make it smaller.
    if (!object.body)
      throw new SlipwayError('GIT_INVALID', `a folder has more than ${MAX_FOLDER} bytes of names`);
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

  /**
   * Restarts the reader once if it died (killed, or its mirror was deleted). A mirror that is gone has no object; a
   * reader that cannot be started says nothing about objects.
   */
  private async ask(question: () => Promise<GitObject | undefined>): Promise<GitObject | undefined> {
    try {
      return await question();
    } catch {
      return await question().catch((error: unknown) => {
        if (error instanceof UnreadableMirror) return undefined;
        throw gitMissing('read a mirror', error);
      });
    }
  }
}
