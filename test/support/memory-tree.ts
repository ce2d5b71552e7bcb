import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import { SlipwayError } from '../../src/errors.ts';
import type { Tree, TreeEntry } from '../../src/model/tree.ts';

/** A tree of texts, for tests of code that only reads it. Ids are hashes of content, like Git's; `link:x` is a symbolic link. */
export class MemoryTree implements Tree {
  readonly commit = 'memory';
  private readonly files: Map<string, string>;

  constructor(files: Record<string, string>) {
    this.files = new Map(Object.entries(files));
  }

  async entry(path: string): Promise<TreeEntry | undefined> {
    const clean = posix.normalize(path).replace(/\/$/, '');
    if (clean.startsWith('..')) return undefined;
    const name = posix.basename(clean);
    const content = this.files.get(clean);
    if (content !== undefined)
      return { name, type: content.startsWith('link:') ? 'symlink' : 'blob', id: hash(content) };
    const below = [...this.files].filter(([file]) => clean === '.' || file.startsWith(`${clean}/`)).sort();
    return below.length === 0 ? undefined : { name, type: 'tree', id: hash(JSON.stringify([below, clean])) };
  }

  async list(path: string): Promise<TreeEntry[]> {
    const clean = posix.normalize(path).replace(/\/$/, '');
    const prefix = clean === '.' ? '' : `${clean}/`;
    const below = [...this.files.keys()].filter((file) => file.startsWith(prefix));
    const names = new Set(below.map((file) => file.slice(prefix.length).split('/')[0] ?? ''));
    const entries = await Promise.all([...names].sort().map((name) => this.entry(prefix + name)));
    return entries.filter((entry) => entry !== undefined);
  }

  async read(path: string): Promise<Buffer> {
    const content = this.files.get(posix.normalize(path));
    if (content === undefined) throw new SlipwayError('PATH_MISSING', `${path} does not exist`);
    return Buffer.from(content);
  }

  async readLink(path: string): Promise<string> {
    return (await this.read(path)).toString('utf8').slice('link:'.length);
  }
}

function hash(text: string): string {
  return createHash('sha1').update(text).digest('hex');
}
