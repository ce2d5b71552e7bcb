import { posix } from 'node:path';
import type { Tree, TreeEntry } from '../model/tree.ts';
import { isBelow } from './inside.ts';

/** A path and the Git id that was there; undefined: nothing. */
type Look = [path: string, id: string | undefined];

/** What a walk looked at. */
export interface Seen {
  /** The few folders that hold all of it: when none of them moved, nothing did. */
  folders: Look[];
  /** Every single look, for when something else in these folders moved. */
  looks: Look[];
}

/**
 * A tree that remembers every look. As long as the looks would see the same again, whatever was
 * concluded from them holds: that is how an app that did not change is told in microseconds.
 */
export class TracedTree implements Tree {
  readonly commit: string;
  private readonly tree: Tree;
  private readonly looks = new Map<string, TreeEntry | undefined>();

  constructor(tree: Tree) {
    this.tree = tree;
    this.commit = tree.commit;
  }

  async seen(): Promise<Seen> {
    const holders = [...this.looks].map(([path, entry]) =>
      entry?.type === 'tree' ? path : posix.dirname(path),
    );
    const distinct = [...new Set(holders)];
    const outermost = distinct.filter(
      (path) => !distinct.some((other) => other !== path && isBelow(path, other)),
    );
    const folders: Look[] = [];
    for (const path of outermost) folders.push([path, (await this.tree.entry(path))?.id]);
    return { folders, looks: [...this.looks].map(([path, entry]) => [path, entry?.id]) };
  }

  async entry(path: string): Promise<TreeEntry | undefined> {
    const entry = await this.tree.entry(path);
    this.looks.set(path, entry);
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
export async function stillSeen(tree: Tree, { folders, looks }: Seen): Promise<boolean> {
  return (await sameIn(tree, folders)) || (await sameIn(tree, looks));
}

async function sameIn(tree: Tree, looks: Look[]): Promise<boolean> {
  for (const [path, id] of looks) {
    if ((await tree.entry(path))?.id !== id) return false;
  }
  return true;
}
