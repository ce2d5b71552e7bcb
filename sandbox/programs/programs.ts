import { join } from 'node:path';
import { buildUnits } from './build.ts';
import { type Cache, defaultCacheDir, openCache } from './cache.ts';
import { downloadUnit } from './download.ts';
import { withLock } from './lock.ts';
import { firstWords } from './progress.ts';
import { type ProgramName, thisPlatform, UNITS, type Unit } from './table.ts';

/** Absolute path of each program. */
export type Programs = Record<ProgramName, string>;

type Say = (line: string) => void;

/**
 * Finds every program of the sandbox: in the cache, else as its official release, else built from Go modules.
 * If several processes need programs at the same time, the first one gets them and the others wait.
 * @throws Error with the reason why each of the three ways failed.
 */
export async function findPrograms(say: Say, cacheDir = defaultCacheDir()): Promise<Programs> {
  const cache = openCache(cacheDir, thisPlatform());
  const missing = await missingUnits(cache);
  if (missing.length > 0) {
    for (const line of firstWords(missing, cacheDir)) say(line);
    await withLock(cacheDir, say, async (sayToAll) => getMissing(await missingUnits(cache), cache, sayToAll));
  }
  const paths = UNITS.flatMap((unit) =>
    unit.programs.map((name) => [name, join(cache.folderOf(unit), name)]),
  );
  return Object.fromEntries(paths) as Programs;
}

async function missingUnits(cache: Cache): Promise<Unit[]> {
  const found = await Promise.all(UNITS.map((unit) => cache.has(unit)));
  return UNITS.filter((_, index) => !found[index]);
}

async function getMissing(units: readonly Unit[], cache: Cache, say: Say): Promise<void> {
  const outcomes = await Promise.all(units.map((unit) => tryDownload(unit, cache, say)));
  const reasons = new Set(outcomes.filter((outcome) => outcome !== undefined));
  const left = units.filter((_, index) => outcomes[index] !== undefined);
  if (left.length === 0) return;
  say(`no official release: ${[...reasons].join('; ')}`);
  await buildUnits(left, cache, say).catch((error: Error) => {
    throw new Error(noWayLeft(left, cache, [...reasons], error.message));
  });
}

/** The reason if the download failed. */
async function tryDownload(unit: Unit, cache: Cache, say: Say): Promise<string | undefined> {
  try {
    await downloadUnit(unit, cache, say);
    say(`fetched ${unit.name} ${unit.version}`);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function noWayLeft(units: readonly Unit[], cache: Cache, releases: readonly string[], build: string): string {
  return [
    `the sandbox cannot get ${units.map((unit) => `${unit.name} ${unit.version}`).join(', ')}:`,
    `  1. from its cache: not in ${cache.dir} (copy that folder from a machine that has it, or set SLIPWAY_CACHE)`,
    `  2. as the official release: ${releases.join('; ')}`,
    `  3. built from Go modules, with Go 1.26 or newer from https://go.dev/dl: ${build}`,
  ].join('\n');
}
