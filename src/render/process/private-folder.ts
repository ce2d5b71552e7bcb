import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { SlipwayError } from '../../errors.ts';
import type { Tree } from '../../model/tree.ts';
import type { ReachedFile } from '../reach.ts';

const HOUR_MS = 3_600_000;

/** Files read and written at a time. */
const BATCH = 64;

/** Runs `work` in a folder of its own, readable by this user alone and gone when it ends. */
export async function inPrivateFolder<T>(parent: string, work: (folder: string) => Promise<T>): Promise<T> {
  const folder = join(parent, randomUUID());
  await mkdir(join(folder, '.home'), { recursive: true, mode: 0o700 });
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Writes the reached files, and nothing else, below a folder. `replaced` holds content to be written in place of a file's. Throws RENDER_LIMIT. */
export async function writeFiles(
  folder: string,
  tree: Tree,
  files: Map<string, ReachedFile>,
  maxBytes: number,
  replaced: Map<string, string> = new Map(),
): Promise<void> {
  const folders = new Set([...files.keys()].map((file) => dirname(join(folder, file))));
  for (const each of folders) await mkdir(each, { recursive: true, mode: 0o700 });
  const all = [...files];
  let bytes = 0;
  for (let at = 0; at < all.length; at += BATCH) {
    await Promise.all(
      all.slice(at, at + BATCH).map(async ([mount, { path }]) => {
        const content = replaced.get(mount) ?? (await tree.read(path));
        bytes += content.length;
        if (bytes > maxBytes) {
          throw new SlipwayError('RENDER_LIMIT', `the app's files have more than ${maxBytes} bytes`, {
            place: { file: path },
          });
        }
        await writeFile(join(folder, mount), content, { mode: 0o600 });
      }),
    );
  }
}

/** Removes what renders that were killed left behind. */
export async function sweepPrivateFolders(parent: string): Promise<void> {
  for (const name of await readdir(parent).catch(() => [])) {
    const folder = join(parent, name);
    const { mtimeMs } = await stat(folder).catch(() => ({ mtimeMs: Date.now() }));
    if (Date.now() - mtimeMs > HOUR_MS) await rm(folder, { recursive: true, force: true });
  }
}
