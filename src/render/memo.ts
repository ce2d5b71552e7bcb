import { LRUCache } from 'lru-cache';
import type { Tree } from '../model/tree.ts';

/**
 * Characters of text whose parsed form is kept, which takes about ten times as much: enough for the overlays, shared
 * bases and templates of a repository of a thousand apps.
 */
const MAX_CHARACTERS = 4_000_000;
/** What an entry takes beside its text. */
const OVERHEAD = 200;

/** What a file was parsed to, by its Git id: a base shared by a thousand apps is parsed once. */
export class FileMemo<T extends object> {
  private readonly known: LRUCache<string, T>;
  private readonly parse: (text: string, path: string) => T;

  constructor(parse: (text: string, path: string) => T, maxCharacters = MAX_CHARACTERS) {
    this.parse = parse;
    this.known = new LRUCache({ maxSize: maxCharacters });
  }

  /** Throws what the tree and the parser throw. */
  async read(tree: Tree, path: string, id: string): Promise<T> {
    const known = this.known.get(id);
    if (known) return known;
    const text = (await tree.read(path)).toString('utf8');
    const parsed = this.parse(text, path);
    this.known.set(id, parsed, { size: OVERHEAD + text.length });
    return parsed;
  }
}
