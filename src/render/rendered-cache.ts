import { readdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import type { RenderedObject } from '../model/object.ts';
import type { Rendered } from '../ports/renderer.ts';
import { writeText } from './json-file.ts';

/** Eviction goes down to this share of the limit, so that it does not run at every write. */
const LOW_WATER = 0.8;

/**
 * Rendered objects on this host's disk, by content key, in a folder of this user alone: rendered Secrets never leave the
 * worker. Several processes may share the folder; every entry is one file, written by a rename.
 */
export class RenderedCache {
  private readonly dir: string;
  private readonly maxBytes: number;
  /** Undefined until the folder was measured. */
  private bytes: number | undefined;
  private eviction: Promise<void> | undefined;

  constructor(dir: string, maxBytes: number) {
    this.dir = dir;
    this.maxBytes = maxBytes;
  }

  async get(key: string): Promise<Rendered | undefined> {
    const file = join(this.dir, key);
    try {
      const rendered = await parseRendered(await readFile(file, 'utf8'));
      const now = new Date();
      await utimes(file, now, now).catch(() => undefined);
      return rendered;
    } catch {
      return undefined;
    }
  }

  /** A cache that cannot be written is no reason to fail a release: the caller may ignore what this throws. */
  async put(key: string, rendered: Rendered): Promise<void> {
    const text = await renderedText(rendered);
    if (text.length > this.maxBytes / 4) return;
    await writeText(this.dir, key, text);
    this.bytes = this.bytes === undefined ? await this.measure() : this.bytes + text.length;
    if (this.bytes > this.maxBytes) {
      this.eviction ??= this.evict().finally(() => {
        this.eviction = undefined;
      });
      await this.eviction;
    }
  }

  private async measure(): Promise<number> {
    return (await this.entries()).reduce((sum, { size }) => sum + size, 0);
  }

  /** Least recently used first. */
  private async evict(): Promise<void> {
    const entries = (await this.entries()).sort((a, b) => a.usedAt - b.usedAt);
    let total = entries.reduce((sum, { size }) => sum + size, 0);
    for (const { file, size } of entries) {
      if (total <= this.maxBytes * LOW_WATER) break;
      await rm(file, { force: true });
      total -= size;
    }
    this.bytes = total;
  }

  private async entries(): Promise<{ file: string; size: number; usedAt: number }[]> {
    const files = (await readdir(this.dir).catch(() => [])).map((name) => join(this.dir, name));
    const entries = [];
    for (const file of files) {
      const found = await stat(file).catch(() => undefined);
      if (found) entries.push({ file, size: found.size, usedAt: found.mtimeMs });
    }
    return entries;
  }
}

/** So many characters are parsed before others have their turn. */
const AT_A_TIME = 256 * 1024;

/** A line of what is not objects, then one line per object: an app of megabytes is read without standing in the way. */
async function renderedText({ objects, skipped, warnings }: Rendered): Promise<string> {
  const lines = [JSON.stringify({ skipped, warnings })];
  let written = 0;
  for (const each of objects) {
    const line = JSON.stringify(each);
    lines.push(line);
    written += line.length;
    if (written > AT_A_TIME) {
      written = 0;
      await breathe();
    }
  }
  return lines.join('\n');
}

async function parseRendered(text: string): Promise<Rendered> {
  const [head = '', ...lines] = text.split('\n');
  const { skipped, warnings }: Pick<Rendered, 'skipped' | 'warnings'> = JSON.parse(head);
  const objects: RenderedObject[] = [];
  let parsed = 0;
  for (const line of lines) {
    objects.push(JSON.parse(line));
    parsed += line.length;
    if (parsed > AT_A_TIME) {
      parsed = 0;
      await breathe();
    }
  }
  return { objects, skipped, warnings, cached: true };
}
