import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Rendered } from '../ports/renderer.ts';

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
      const rendered: Rendered = JSON.parse(await readFile(file, 'utf8'));
      const now = new Date();
      await utimes(file, now, now).catch(() => undefined);
      return { ...rendered, cached: true };
    } catch {
      return undefined;
    }
  }

  /** A cache that cannot be written is no reason to fail a release: the caller may ignore what this throws. */
  async put(key: string, rendered: Rendered): Promise<void> {
    const text = JSON.stringify(rendered);
    if (text.length > this.maxBytes / 4) return;
    await mkdir(this.dir, { recursive: true, mode: 0o700 });
    const aside = join(this.dir, `${key}.${randomUUID()}`);
    await writeFile(aside, text, { mode: 0o600 });
    await rename(aside, join(this.dir, key));
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
