import { execFile } from 'node:child_process';
import { access, constants, rm, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Debian runs this script to decide if a package may start its service; 101 means no. See policy-rc.d(8). */
const POLICY = '/usr/sbin/policy-rc.d';

/**
 * Finds redis-server on the PATH. On Debian and its derivatives, root also installs the package if it is missing.
 * @throws Error that names the package to install, elsewhere.
 */
export async function findRedisServer(log: (line: string) => void): Promise<string> {
  const found = await findOnPath('redis-server');
  if (found !== undefined) return found;
  if (process.getuid?.() !== 0 || (await findOnPath('apt-get')) === undefined)
    throw new Error(whatToInstall());
  log('redis-server is not installed; installing the package redis-server (its service is not started)');
  await withoutServices(async () => {
    await aptGet('update');
    await aptGet('install', '--yes', '--no-install-recommends', 'redis-server');
  });
  const installed = await findOnPath('redis-server');
  if (installed === undefined) throw new Error(whatToInstall());
  return installed;
}

function whatToInstall(): string {
  return [
    'the sandbox needs Redis, and there is no redis-server on the PATH. Either',
    '  - set REDIS_URL to a Redis that may be written to, or',
    '  - install it: `apt-get install redis-server` (Debian, Ubuntu), `dnf install redis` or `valkey` (Fedora), `brew install redis`',
  ].join('\n');
}

async function aptGet(...args: string[]): Promise<void> {
  await run('apt-get', ['-q', ...args], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    maxBuffer: 64 * 1024 * 1024,
  });
}

async function withoutServices(work: () => Promise<void>): Promise<void> {
  const ours = await writeFile(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755, flag: 'wx' }).then(
    () => true,
    () => false,
  );
  try {
    await work();
  } finally {
    if (ours) await rm(POLICY);
  }
}

async function findOnPath(program: string): Promise<string | undefined> {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(folder, program);
    const executable = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (executable) return path;
  }
  return undefined;
}
