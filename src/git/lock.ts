import { randomUUID } from 'node:crypto';
import { readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

/** The holder touches its lock this often; a lock that was not touched for STALE_MS is taken over. */
const TOUCH_MS = 5_000;
const STALE_MS = 30_000;
const LOOK_MS = 15;

/**
 * Runs `work` while this process holds the lock file, which excludes other processes of the machine, also in other
 * containers that share the folder. The lock of a dead process is taken over at once, that of another container after
 * 30 s without a touch. An overlap would be harmless, because git itself locks every ref that it writes.
 */
export async function withLock<T>(
  file: string,
  work: () => Promise<T>,
  signal?: AbortSignal | undefined,
): Promise<T> {
  const token = newToken();
  while (!(await take(file, token))) {
    if (await isStale(file)) await removeStale(file, token);
    await sleep(LOOK_MS + Math.random() * LOOK_MS, undefined, { signal });
  }
  return hold(file, token, work);
}

/** Runs `work` with the lock, as `withLock` does, if nobody holds it now; else undefined. */
export async function ifUnlocked<T>(file: string, work: () => Promise<T>): Promise<T | undefined> {
  const token = newToken();
  if (!(await take(file, token))) {
    if (await isStale(file)) await removeStale(file, token);
    if (!(await take(file, token))) return undefined;
  }
  return hold(file, token, work);
}

function newToken(): string {
  return `${process.pid} ${hostname()} ${randomUUID()}`;
}

async function hold<T>(file: string, token: string, work: () => Promise<T>): Promise<T> {
  const touch = setInterval(() => {
    const now = new Date();
    utimes(file, now, now).catch(() => undefined);
  }, TOUCH_MS);
  touch.unref();
  try {
    return await work();
  } finally {
    clearInterval(touch);
    await release(file, token);
  }
}

async function take(file: string, token: string): Promise<boolean> {
  try {
    await writeFile(file, token, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  }
}

/** Leaves the lock alone if another process has taken it over. */
async function release(file: string, token: string): Promise<void> {
  const holder = await readFile(file, 'utf8').catch(() => undefined);
  if (holder === token) await rm(file, { force: true });
}

async function isStale(file: string): Promise<boolean> {
  try {
    const [token, { mtimeMs }] = await Promise.all([readFile(file, 'utf8'), stat(file)]);
    if (Date.now() - mtimeMs > STALE_MS) return true;
    const [pid, host] = token.split(' ');
    return host === hostname() && !isAlive(Number(pid));
  } catch {
    return false;
  }
}

/**
 * One process at a time may remove a stale lock: a second one would remove the lock of whoever has taken it since. The
 * guard is held for milliseconds, so one that is stale itself was left by a crash.
 */
async function removeStale(file: string, token: string): Promise<void> {
  const guard = `${file}.takeover`;
  if (!(await take(guard, token))) {
    if (await isStale(guard)) await rm(guard, { force: true });
    return;
  }
  try {
    if (await isStale(file)) await rm(file, { force: true });
  } finally {
    await release(guard, token);
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !isCode(error, 'ESRCH');
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
