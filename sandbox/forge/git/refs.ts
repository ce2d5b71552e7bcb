import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { git } from './run.ts';

const readText = async (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '');

const packedRef = async (dir: string, ref: string): Promise<string | null> => {
  const lines = (await readText(join(dir, 'packed-refs'))).split('\n');
  return lines.find((line) => line.endsWith(` ${ref}`))?.slice(0, 40) ?? null;
};

/** What a ref points at, or null. Read from its file: starting git would cost more than the whole of a push's other work. */
export const readRef = async (dir: string, ref: string): Promise<string | null> => {
  const loose = (await readText(join(dir, ref))).trim();
  return /^[0-9a-f]{40}$/.test(loose) ? loose : packedRef(dir, ref);
};

export const readBranch = (dir: string, branch: string): Promise<string | null> =>
  readRef(dir, `refs/heads/${branch}`);

export interface NamedRef {
  ref: string;
  sha: string;
}

/** Every ref below a prefix such as `refs/heads`. */
export const listRefs = async (dir: string, prefix: string): Promise<NamedRef[]> => {
  const out = await git(dir, ['for-each-ref', '--format=%(objectname) %(refname)', prefix]);
  const lines = out.split('\n').filter((line) => line !== '');
  return lines.map((line) => ({ sha: line.slice(0, 40), ref: line.slice(41) }));
};

/** Moves, creates or (with 40 zeros) deletes a ref. */
export const updateRef = async (dir: string, ref: string, sha: string): Promise<void> => {
  const args = /^0{40}$/.test(sha) ? ['update-ref', '-d', ref] : ['update-ref', ref, sha];
  await git(dir, args);
};

/** The commit that a name, an abbreviation or a tag refers to, or null. */
export const resolveCommit = async (dir: string, name: string): Promise<string | null> => {
  if (name.startsWith('-')) return null;
  const out = await git(dir, ['rev-parse', '--verify', '--quiet', `${name}^{commit}`]).catch(() => '');
  return out.trim() || null;
};
