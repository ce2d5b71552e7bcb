import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bytesOf } from './folder-bytes.ts';
import { gitFailure } from './git-failure.ts';
import { type FolderOptions, removeOlder } from './mirror-folder.ts';
import { runGit } from './run-git.ts';

const TIMEOUT_MS = 10 * 60_000;

/** A mirror below this size is not worth the work. */
const SMALL = 16 * 1024 * 1024;

/** A collection reads the whole history, so it is due only when the mirror has grown by this factor since the last one. */
const GROWTH = 1.5;

/**
 * Removes the objects that no ref reaches and that came more than `ageMs` ago. The age protects commits that are being
 * deployed although a force push has replaced them. The caller holds the mirror's lock. Younger objects go into a pack
 * that knows the age of each (https://git-scm.com/docs/cruft-packs, since Git 2.37), so that later repacks do not renew them.
 */
export async function collectGarbage({ gitDir, program, env }: FolderOptions, ageMs: number): Promise<void> {
  await removeOlder(join(gitDir, 'refs/slipway/commits'), /^[0-9a-f]+$/, ageMs);
  const expiry = `--cruft-expiration=${Math.ceil(ageMs / 1000)}.seconds.ago`;
  const args = [
    `--git-dir=${gitDir}`,
    'repack',
    '--cruft',
    expiry,
    '-d',
    '-l',
    '-q',
    '--no-write-bitmap-index',
  ];
  const result = await runGit({ program, args, env, timeoutMs: TIMEOUT_MS });
  if (result.code !== 0) throw gitFailure('collect the garbage of a mirror', result);
  await writeFile(keptFile(gitDir), String(await bytesOf(gitDir)));
}

/** Whether a mirror of this size has grown enough. Of a new one, only the size is recorded: it has no garbage yet. */
export async function isCollectionDue(gitDir: string, bytes: number): Promise<boolean> {
  const kept = Number(await readFile(keptFile(gitDir), 'utf8').catch(() => Number.NaN));
  if (Number.isNaN(kept)) await writeFile(keptFile(gitDir), String(bytes)).catch(() => undefined);
  return bytes > Math.max(SMALL, GROWTH * kept);
}

/** Bytes after the last collection. Git ignores the file. */
function keptFile(gitDir: string): string {
  return join(gitDir, 'slipway-kept');
}
