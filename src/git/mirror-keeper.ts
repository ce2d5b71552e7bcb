import { readdir, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../telemetry/logger.ts';
import { collectGarbage, isCollectionDue } from './collect-garbage.ts';
import { bytesOf } from './folder-bytes.ts';
import { ifUnlocked } from './lock.ts';
import { discardMirror } from './mirror-folder.ts';
import { usedAt } from './mirror-use.ts';

/** What the data directory may occupy, and who hears of it. */
export interface DiskOptions {
  /** The data directory: all of it counts. */
  root: string;
  /** Bytes that `root` may occupy. */
  budgetBytes: number;
  /** Bytes that one mirror may occupy. Undefined: there is no limit. */
  perRepositoryBytes?: number | undefined;
  /** Milliseconds after which an object that no ref reaches is garbage. Default: an hour. */
  garbageMs?: number | undefined;
  /** Milliseconds without use after which a mirror may be evicted. Default: three minutes. */
  unusedMs?: number | undefined;
  /** Bytes on the disk by kind: `mirrors`, and each other folder of `root` by its name. */
  onMeasured?: ((bytes: Map<string, number>) => void) | undefined;
  onEvicted?: (() => void) | undefined;
}

export interface MirrorKeeperOptions extends DiskOptions {
  /** Folder of the mirrors, in `root`. */
  dir: string;
  program: string;
  /** Environment of git. */
  env: Record<string, string>;
  log: Logger;
}

interface Measured {
  gitDir: string;
  usedAt: number;
  /** When files were added to it or removed, in milliseconds since the epoch. */
  changedAt: number;
  bytes: number;
}

const ROUND_MS = 30_000;

/** What is not a mirror changes slowly, and has limits of its own. */
const OTHERS_MS = 5 * 60_000;

/** Longer than a reader stays open without use (`object-reader.ts`), so that an evicted mirror frees its space at once. */
const UNUSED_MS = 3 * 60_000;

/** Longer than a release that is under way needs the files of a commit that a force push has replaced. */
const GARBAGE_MS = 60 * 60_000;

/** Creating an empty repository takes milliseconds. */
const ABANDONED_MS = 10 * 60_000;

/** Eviction goes down to this share of the budget, so that it does not run at every fetch. */
const LOW_WATER = 0.9;

/**
 * Keeps the data directory within its budget: while it is over, the mirrors that were not used for the longest time go.
 * A mirror in use stays, whichever process of the host uses it. One that is evicted is fetched again when it is needed.
 */
export class MirrorKeeper {
  private readonly options: MirrorKeeperOptions;
  /** By folder; measured again after the mirror was used. */
  private readonly measured = new Map<string, Measured>();
  private others: { at: number; bytes: Map<string, number> } | undefined;

  constructor(options: MirrorKeeperOptions) {
    this.options = options;
  }

  /** Collects the garbage of mirrors that have grown, measures the data directory, and evicts what is over the budget. */
  async round(): Promise<void> {
    const grown = await this.measureMirrors();
    for (const { gitDir, bytes } of grown) await this.collect(gitDir, bytes);
    const mirrors = await this.withinShares(await this.measureMirrors());
    const bytes = new Map([
      ['mirrors', sum(mirrors.map((one) => one.bytes))],
      ...(await this.measureOthers()),
    ]);
    this.options.onMeasured?.(bytes);
    const total = sum(bytes.values());
    if (total <= this.options.budgetBytes) return;
    // Two processes that measure at the same time would evict twice as much.
    await ifUnlocked(join(this.options.dir, 'evict.lock'), () => this.evict(mirrors, total));
  }

  /** Many small fetches may have grown a mirror beyond its share: it goes, and the next fetch shows whether it is too large. */
  private async withinShares(mirrors: Measured[]): Promise<Measured[]> {
    const { perRepositoryBytes = Number.POSITIVE_INFINITY } = this.options;
    const kept: Measured[] = [];
    for (const mirror of mirrors) {
      const goes = mirror.bytes > perRepositoryBytes && (await this.evictOne(mirror));
      if (!goes) kept.push(mirror);
    }
    return kept;
  }

  /** Removes what a crash left of mirrors. */
  async sweep(): Promise<void> {
    for (const name of await this.names(/\.git\.(gone|new)-/)) {
      const path = join(this.options.dir, name);
      const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Date.now() }));
      if (/\.git\.new-/.test(name) && Date.now() - mtimeMs < ABANDONED_MS) continue;
      await rm(path, { recursive: true, force: true });
    }
  }

  /** A mirror that is being fetched into is left for the next round. */
  private async collect(gitDir: string, bytes: number): Promise<void> {
    const { program, env, garbageMs = GARBAGE_MS, log } = this.options;
    if (!(await isCollectionDue(gitDir, bytes))) return;
    try {
      await ifUnlocked(`${gitDir}.lock`, () => collectGarbage({ gitDir, program, env }, garbageMs));
    } catch (error) {
      log.warn({ err: error, mirror: basename(gitDir) }, 'garbage of a mirror not collected');
    }
  }

  private async measureMirrors(): Promise<Measured[]> {
    const found: Measured[] = [];
    for (const name of await this.names(/\.git$/)) {
      const gitDir = join(this.options.dir, name);
      const used = await usedAt(gitDir);
      if (used === undefined) continue;
      const { mtimeMs: changedAt } = await stat(join(gitDir, 'objects/pack')).catch(() => ({ mtimeMs: 0 }));
      const known = this.measured.get(gitDir);
      const isKnown = known?.usedAt === used && known.changedAt === changedAt;
      found.push(isKnown ? known : { gitDir, usedAt: used, changedAt, bytes: await bytesOf(gitDir) });
    }
    this.measured.clear();
    for (const one of found) this.measured.set(one.gitDir, one);
    return found;
  }

  private async measureOthers(): Promise<Map<string, number>> {
    if (this.others && performance.now() - this.others.at < OTHERS_MS) return this.others.bytes;
    const { root, dir } = this.options;
    const bytes = new Map<string, number>();
    for (const name of await readdir(root).catch(() => [])) {
      if (name !== basename(dir)) bytes.set(name, await bytesOf(join(root, name)));
    }
    this.others = { at: performance.now(), bytes };
    return bytes;
  }

  private async evict(mirrors: Measured[], total: number): Promise<void> {
    const { budgetBytes, log } = this.options;
    let left = total;
    for (const mirror of mirrors.toSorted((a, b) => a.usedAt - b.usedAt)) {
      if (left <= budgetBytes * LOW_WATER) return;
      if (!(await this.evictOne(mirror))) continue;
      left -= mirror.bytes;
      log.info({ mirror: basename(mirror.gitDir), bytes: mirror.bytes }, 'mirror evicted');
    }
    if (left > budgetBytes)
      log.warn({ bytes: left, budget: budgetBytes }, 'data directory is over its budget');
  }

  /** False if the mirror is in use. */
  private async evictOne({ gitDir }: Measured): Promise<boolean> {
    const evicted = await ifUnlocked(`${gitDir}.lock`, async () => {
      const used = await usedAt(gitDir);
      if (used === undefined || Date.now() - used < (this.options.unusedMs ?? UNUSED_MS)) return false;
      await discardMirror(gitDir);
      return true;
    });
    if (!evicted) return false;
    this.measured.delete(gitDir);
    this.options.onEvicted?.();
    return true;
  }

  private async names(pattern: RegExp): Promise<string[]> {
    const names = await readdir(this.options.dir).catch(() => []);
    return names.filter((name) => pattern.test(name));
  }
}

/** Sweeps once, and then keeps the budget until `stop`. */
export function startMirrorKeeper(options: MirrorKeeperOptions): { stop(): Promise<void> } {
  const keeper = new MirrorKeeper(options);
  const ending = new AbortController();
  const run = async () => {
    await keeper.sweep();
    while (!ending.signal.aborted) {
      await keeper
        .round()
        .catch((error: unknown) => options.log.warn({ err: error }, 'data directory not measured'));
      await sleep(ROUND_MS, undefined, { ref: false, signal: ending.signal });
    }
  };
  const ended = run().catch((error: unknown) => {
    if (!ending.signal.aborted)
      options.log.warn({ err: error }, 'data directory is not kept within its budget');
  });
  return {
    async stop() {
      ending.abort();
      await ended;
    },
  };
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
