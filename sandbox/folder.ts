import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Folder {
  readonly path: string;
  remove(): Promise<void>;
}

/**
 * The watchdog's pipe closes when this process ends, however it ends; it then removes the folder. It tries for some
 * seconds, because child processes that are ending may still write.
 */
const WATCHDOG =
  'cat > /dev/null; for i in 1 2 3 4 5 6 7 8 9 10; do rm -rf -- "$1" 2>/dev/null && break; sleep 0.3; done';

/** Makes a private temporary folder that is removed even when this process is killed. */
export async function makeFolder(prefix = 'slipway-sandbox-'): Promise<Folder> {
  const path = await mkdtemp(join(tmpdir(), prefix));
  const watchdog = spawn('sh', ['-c', WATCHDOG, 'sandbox-watchdog', path], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    cwd: '/',
  });
  watchdog.unref();
  if (watchdog.stdin instanceof Socket) watchdog.stdin.unref();
  return {
    path,
    remove: async () => {
      await rm(path, { recursive: true, force: true, maxRetries: 5 });
      if (watchdog.exitCode !== null) return;
      const gone = once(watchdog, 'exit');
      watchdog.ref();
      watchdog.stdin.end();
      await gone;
    },
  };
}
