import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Undefined where there is no such file, or none that this version can read. */
export async function readJson<T>(file: string): Promise<T | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** A file of this user alone, written by a rename, so that other processes read all of it or none. */
export async function writeJson(dir: string, name: string, value: unknown): Promise<void> {
  await writeText(dir, name, JSON.stringify(value));
}

/** The same of a text. */
export async function writeText(dir: string, name: string, text: string): Promise<void> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const aside = join(dir, `${name}.${randomUUID()}`);
  await writeFile(aside, text, { mode: 0o600 });
  await rename(aside, join(dir, name));
}
