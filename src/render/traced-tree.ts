import type { Tree, TreeEntry } from '../model/tree.ts';

/** A path that was looked at and what was there; undefined: nothing. */
export type Seen = [path: string, id: string | undefined];

/**
 * A tree that remembers every look. As long as the looks would see the same again, whatever was
 * concluded from them holds: that is how an app that did not change is told in microseconds.
 */
export class TracedTree implements Tree {
  readonly commit: string;
  private readonly tree: Tree;
  private readonly looks = new Map<string, string | undefined>();

  constructor(tree: Tree) {
    this.tree = tree;
    this.commit = tree.commit;
  }

  get seen(): Seen[] {
    return [...this.looks];
  }

  async entry(path: string): Promise<TreeEntry | undefined> {
    const entry = await this.tree.entry(path);
    this.looks.set(path, entry?.id);
    return entry;
  }

  async list(path: string): Promise<TreeEntry[]> {
    await this.entry(path);
    return this.tree.list(path);
  }

  async read(path: string, maxBytes?: number): Promise<Buffer> {
    await this.entry(path);
    return this.tree.read(path, maxBytes);
  }
}

/** Whether every look would see the same in this tree. */
export async function stillSeen(tree: Tree, seen: Seen[]): Promise<boolean> {
  for (const [path, id] of seen) {
    if ((await tree.entry(path))?.id !== id) return false;
  }
  return true;
}
