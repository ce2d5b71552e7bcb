import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SlipwayError } from '../errors.ts';
import { bytesOf } from './folder-bytes.ts';
import { removeOlder } from './mirror-folder.ts';

/** What one mirror may occupy. */
export interface Share {
  gitDir: string;
  /** Undefined: there is no limit. */
  maxBytes: number | undefined;
  signal: AbortSignal;
}

/** What comes between two looks may be too much; the last look is made when the fetch has ended. */
const LOOK_EVERY_MS = 200;
const MIB = 1024 * 1024;

/**
 * Does a fetch, and ends it once the packs of the mirror take more than its share; what it wrote so far is removed. (Fetches
 * write packs, never loose objects: `git-environment.ts`.) Throws what the work throws, or GIT_TOO_LARGE.
 */
export async function withinShare<T>(
  { gitDir, maxBytes, signal }: Share,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  if (maxBytes === undefined) return work(signal);
  const packs = join(gitDir, 'objects', 'pack');
  const isOver = async () => (await bytesOf(packs)) > maxBytes;
  const over = new AbortController();
  const ended = new AbortController();
  const watch = async () => {
    while (!ended.signal.aborted) {
      await sleep(LOOK_EVERY_MS, undefined, { signal: ended.signal, ref: false });
      if (await isOver()) over.abort();
    }
  };
  const watching = watch().catch(() => undefined);
  try {
    const result = await work(AbortSignal.any([signal, over.signal]));
    if (!(await isOver())) return result;
  } catch (error) {
    if (!over.signal.aborted) throw error;
    // Nobody else writes there: the caller holds the mirror's lock.
    await removeOlder(packs, /^(tmp_|\.tmp-)/, -1);
  } finally {
    ended.abort();
    await watching;
  }
  throw tooLarge(maxBytes);
}

function tooLarge(maxBytes: number): SlipwayError {
  const limit = `${Math.floor(maxBytes / MIB)} MiB`;
  return new SlipwayError('GIT_TOO_LARGE', `the repository needs more than the ${limit} that it may occupy`);
}
