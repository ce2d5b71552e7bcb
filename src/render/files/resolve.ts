import { posix } from 'node:path';
import type { Tree, TreeEntry } from '../../model/tree.ts';
import { insideRepository, isBelow } from '../inside.ts';
import { Refusal } from './refusal.ts';

/** As Linux: more links on one path are a circle (path_resolution(7)). */
const MAX_LINKS = 40;

/** What is at a path when all links on it were followed. */
export interface Resolved {
  /** Where it really is. */
  path: string;
  /** Undefined: nothing is there. */
  entry: TreeEntry | undefined;
  /** The links that were followed. */
  links: string[];
}

/**
 * Follows symbolic links as Git's checkout would, but only inside of the repository. Throws Refusal, which names the link
 * that leaves it or leads in a circle, or the submodule that the path leads into.
 */
export async function resolve(tree: Tree, path: string): Promise<Resolved> {
  const direct = await tree.entry(path);
  if (direct && (direct.type === 'blob' || direct.type === 'tree'))
    return { path: posix.normalize(path), entry: direct, links: [] };
  return new Walk(tree).follow(path);
}

class Walk {
  private readonly tree: Tree;
  private readonly links: string[] = [];

  constructor(tree: Tree) {
    this.tree = tree;
  }

  async follow(path: string): Promise<Resolved> {
    let at = '.';
    const names = posix.normalize(path).split('/');
    for (const [index, name] of names.entries()) {
      const next = posix.join(at, name);
      const entry = await this.tree.entry(next);
      if (entry?.type === 'symlink') {
        const target = await this.target(next);
        return this.follow(posix.join(target, ...names.slice(index + 1)));
      }
      if (entry?.type === 'submodule')
        throw new Refusal(next, `${next} is a submodule, whose files are not in the repository`, {
          hint: 'Put the files themselves into the repository.',
        });
      if (entry === undefined) return { path: posix.normalize(path), entry, links: this.links };
      at = next;
    }
    return { path: at, entry: await this.tree.entry(at), links: this.links };
  }

  private async target(link: string): Promise<string> {
    this.links.push(link);
    const written = await this.tree.readLink(link);
    const folder = posix.dirname(link);
    const target = insideRepository(folder, written);
    if (target === undefined)
      throw new Refusal(link, `${link} is a symbolic link that leaves the repository`, {
        hint: 'Put the file itself there, or link to one of the repository.',
      });
    if (this.links.length > MAX_LINKS || isBelow(link, target))
      throw new Refusal(link, `${link} is a symbolic link that leads in a circle`);
    return target;
  }
}
