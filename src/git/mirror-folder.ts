import { randomUUID } from 'node:crypto';
import { access, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { SlipwayError } from '../errors.ts';
import { gitMissing } from './git-failure.ts';
import { runGit } from './run-git.ts';

export interface FolderOptions {
  gitDir: string;
  program: string;
  env: Record<string, string>;
}

const INIT_TIMEOUT_MS = 30_000;
const HOUR_MS = 3_600_000;
const WEEK_MS = 7 * 24 * HOUR_MS;

/** Creates the bare repository if it is missing; atomically, by a rename. Returns whether it was missing. */
export async function prepareMirror({ gitDir, program, env }: FolderOptions): Promise<boolean> {
  const there = await access(join(gitDir, 'HEAD')).then(
    () => true,
    () => false,
  );
  if (there) return false;
  await sweepAside(gitDir);
  await rm(gitDir, { recursive: true, force: true });
  const fresh = `${gitDir}.new-${randomUUID()}`;
  await mkdir(dirname(gitDir), { recursive: true, mode: 0o700 });
  const args = ['init', '--quiet', '--bare', '--template=', '--', fresh];
  const result = await runGit({ program, args, env, timeoutMs: INIT_TIMEOUT_MS }).catch((error: unknown) => {
    throw gitMissing('create a mirror', error);
  });
  if (result.code !== 0) {
    throw new SlipwayError('INTERNAL', `create a mirror: ${result.stderr.trim()}`, {
      hint: 'Check the space and the rights of the data directory.',
    });
  }
  await rename(fresh, gitDir);
  return true;
}

/** Deletes the mirror; renames it first, so that no process opens half of one. */
export async function discardMirror(gitDir: string): Promise<void> {
  const aside = `${gitDir}.gone-${randomUUID()}`;
  await rename(gitDir, aside).catch(() => undefined);
  await rm(aside, { recursive: true, force: true });
}

/** Removes what a crash left beside the mirror. */
async function sweepAside(gitDir: string): Promise<void> {
  const names = await readdir(dirname(gitDir)).catch(() => []);
  const mine = names.filter((name) => /\.(gone|new)-/.test(name) && name.startsWith(basename(gitDir)));
  for (const name of mine) await rm(join(dirname(gitDir), name), { recursive: true, force: true });
}

/**
 * Packs the loose objects of many small fetches, without computing reachability, so that the cost depends only on what is
 * new. Also removes the leftovers of killed fetches, and after a week the refs of commits fetched by id (refs of a mirror
 * are never packed, so each is one file). The caller holds the mirror's lock.
 */
export async function maintainMirror({ gitDir, program, env }: FolderOptions): Promise<void> {
  await removeOlder(join(gitDir, 'objects/pack'), /^(tmp_|\.tmp-)/, HOUR_MS);
  await removeOlder(join(gitDir, 'refs/slipway/commits'), /^[0-9a-f]+$/, WEEK_MS);
  const args = [`--git-dir=${gitDir}`, 'repack', '--geometric=2', '-d', '-l', '-q'];
  await runGit({ program, args, env, timeoutMs: HOUR_MS });
}

/** Removes the files of a folder that match and were not written for this long. */
export async function removeOlder(folder: string, pattern: RegExp, ageMs: number): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names.filter((each) => pattern.test(each))) {
    const file = join(folder, name);
    const age = Date.now() - (await stat(file).catch(() => ({ mtimeMs: Date.now() }))).mtimeMs;
    if (age > ageMs) await rm(file, { force: true });
  }
}
