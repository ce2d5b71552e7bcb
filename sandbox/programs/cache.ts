import { access, mkdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Platform, Unit } from './table.ts';

/** Where programs stay between runs: SLIPWAY_CACHE, else `slipway` in the user's cache folder. */
export function defaultCacheDir(): string {
  const caches = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  return resolve(process.env.SLIPWAY_CACHE ?? join(caches, 'slipway'));
}

/** Finished units, each in a folder named after its pinned version, and work in progress beside them. */
export interface Cache {
  readonly dir: string;
  readonly platform: Platform;
  folderOf(unit: Unit): string;
  has(unit: Unit): Promise<boolean>;
  /**
   * Lets `fill` write a unit's programs into an empty folder, which becomes the unit's folder only when `fill` returns:
   * an interrupted `fill` leaves nothing that looks finished.
   */
  add(unit: Unit, fill: (folder: string) => Promise<void>): Promise<void>;
}

export function openCache(dir: string, platform: Platform): Cache {
  const folderOf = (unit: Unit) => join(dir, `${unit.name}-${unit.version}-${platform.os}-${platform.arch}`);
  return {
    dir,
    platform,
    folderOf,
    has: (unit) => exists(folderOf(unit)),
    add: async (unit, fill) => {
      const partial = `${folderOf(unit)}.partial`;
      await rm(partial, { recursive: true, force: true });
      await mkdir(partial, { recursive: true });
      try {
        await fill(partial);
        await rename(partial, folderOf(unit));
      } finally {
        await rm(partial, { recursive: true, force: true });
      }
    },
  };
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
