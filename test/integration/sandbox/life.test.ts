import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { afterEach, expect, test } from 'vitest';
import { CONNECTION_VARIABLE } from '../../../sandbox/connection.ts';

const started: ChildProcess[] = [];

afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

/** `npm run sandbox` in a process of its own, and the folder it made. */
async function startSandbox(): Promise<{ child: ChildProcess; folder: string }> {
  const { [CONNECTION_VARIABLE]: _shared, REDIS_URL: _redis, ...env } = process.env;
  const child = spawn(process.execPath, ['sandbox/main.ts'], { env, stdio: ['ignore', 'pipe', 'ignore'] });
  started.push(child);
  for await (const line of createInterface({ input: child.stdout })) {
    const folder = /^export KUBECONFIG='(.*)\/kubernetes\/kubeconfig'$/.exec(line)?.[1];
    if (folder !== undefined) return { child, folder };
  }
  throw new Error('the sandbox did not start');
}

/** Process ids and their parents', of everything that runs. */
async function parents(): Promise<Map<number, number>> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = new Map<number, number>();
  for (const id of ids) {
    const status = await readFile(`/proc/${id}/status`, 'utf8').catch(() => '');
    const parent = /^PPid:\s+(\d+)$/m.exec(status)?.[1];
    if (parent !== undefined && !/^State:\s+Z/m.test(status)) found.set(Number(id), Number(parent));
  }
  return found;
}

test.each(['SIGINT', 'SIGKILL'] as const)('after %s no process and no file is left', async (signal) => {
  const { child, folder } = await startSandbox();
  const composition = [...(await parents())].filter(([, parent]) => parent === child.pid).map(([id]) => id);
  // Redis, etcd, API server, controllers, scheduler, kwok and the watchdog of the folder.
  expect(composition).toHaveLength(7);
  const ended = once(child, 'exit');

  child.kill(signal);

  await ended;
  const left = async () => {
    const running = await parents();
    return composition.filter((id) => running.has(id));
  };
  await expect.poll(left).toEqual([]);
  expect(existsSync(folder)).toBe(false);
});
