import { stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';

/** Often enough to tell mirrors in use from others, and rare enough to cost nothing. */
const MARK_MS = 10_000;

/**
 * When a mirror was used last, by any process of the host: the time of its HEAD file, which git does not write in a
 * mirror. A mirror that is gone stays gone.
 */
export class MirrorUse {
  private readonly gitDir: string;
  private markedAt = Number.NEGATIVE_INFINITY;

  constructor(gitDir: string) {
    this.gitDir = gitDir;
  }

  mark(): void {
    if (performance.now() - this.markedAt < MARK_MS) return;
    this.markedAt = performance.now();
    const now = new Date();
    utimes(headOf(this.gitDir), now, now).catch(() => undefined);
  }
}

/** Milliseconds since the epoch; undefined if there is no mirror. */
export async function usedAt(gitDir: string): Promise<number | undefined> {
  return stat(headOf(gitDir)).then(
    ({ mtimeMs }) => mtimeMs,
    () => undefined,
  );
}

function headOf(gitDir: string): string {
  return join(gitDir, 'HEAD');
}
