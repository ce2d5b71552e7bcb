import { LRUCache } from 'lru-cache';
import type { Tree } from '../model/tree.ts';

/** Enough for the shared bases and the templates of a repository of a thousand apps. */
const MAX_ENTRIES = 20_000;

/** What a file was parsed to, by its Git id: a base shared by a thousand apps is parsed once. */
export class FileMemo<T extends object> {
  private readonly known = new LRUCache<string, T>({ max: MAX_ENTRIES });
  private readonly parse: (text: string, path: string) => T;

  constructor(parse: (text: string, path: string) => T) {
    this.parse = parse;
  }

  /** Throws what the tree and the parser throw. */
  async read(tree: Tree, path: string, id: string): Promise<T> {
    const known = this.known.get(id);
    if (known) return known;
    const parsed = this.parse((await tree.read(path)).toString('utf8'), path);
    this.known.set(id, parsed);
    return parsed;
  }
}
