import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { defaultCacheDir } from '../../../sandbox/programs/cache.ts';

const run = promisify(execFile);

/** GitHub's description of its API as an npm package: 385 MB unpacked, of which this test keeps one file. */
const PACKAGE = '@octokit/openapi@23.0.2';
const INTEGRITY =
  'sha512-pV8M7L9GY23AybNvTmo2nyjmpmnt6+2sRE/tqr0ZLQcPS4lnw7u5eZGNmwRNkBC3D7gZXbFx5AHzLUVRBXGDhg==';
const MEMBER = 'package/generated/api.github.com.json';

const download = async (folder: string): Promise<string> => {
  const { stdout } = await run('npm', ['pack', PACKAGE, '--silent', '--pack-destination', folder]);
  const archive = join(folder, stdout.trim());
  const found = `sha512-${createHash('sha512')
    .update(await readFile(archive))
    .digest('base64')}`;
  if (found !== INTEGRITY) throw new Error(`${PACKAGE} is not the pinned one: ${found}`);
  return archive;
};

/**
 * The path of GitHub's API description in the cache; downloads it first if it is missing (29 MB through the npm client, a
 * few seconds).
 */
export const fetchDescription = async (cache = defaultCacheDir()): Promise<string> => {
  const path = join(cache, 'github-api-23.0.2.json');
  if (await readFile(path).then(Boolean, () => false)) return path;
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, 'github-api-'));
  try {
    const archive = await download(folder);
    await run('tar', ['-xzf', archive, '-C', folder, MEMBER]);
    await rename(join(folder, MEMBER), path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return path;
};
