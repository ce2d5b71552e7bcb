import { readdir, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { withLock } from '../../../src/git/lock.ts';
import { temporaryFolder } from '../../support/mirrors.ts';

async function aLock() {
  const dir = await temporaryFolder();
  return { dir, file: join(dir, 'x.lock') };
}

describe('a lock', () => {
  it('admits one at a time, and is removed afterwards', async () => {
    const { dir, file } = await aLock();
    let inside = 0;
    let most = 0;
    const work = async () => {
      inside += 1;
      most = Math.max(most, inside);
      await sleep(5);
      inside -= 1;
    };

    await Promise.all(Array.from({ length: 8 }, () => withLock(file, work)));

    expect(most).toBe(1);
    expect(await readdir(dir)).toEqual([]);
  });

  it('is released if the work fails', async () => {
    const { file } = await aLock();
    await expect(withLock(file, () => Promise.reject(new Error('no')))).rejects.toThrow('no');

    expect(await withLock(file, async () => 'in')).toBe('in');
  });

  it('of a living process is respected', async () => {
    const { file } = await aLock();
    await writeFile(file, `${process.pid} ${hostname()} other`);

    await expect(withLock(file, async () => 'in', AbortSignal.timeout(200))).rejects.toThrow();
  });

  it.each([
    ['a process that is gone', `999999999 ${hostname()} x`, 0],
    ['another machine that has not touched it for long', '1 elsewhere x', 60],
  ])('of %s is taken over by only one', async (_, token, ageSeconds) => {
    const { dir, file } = await aLock();
    await writeFile(file, token);
    const then = new Date(Date.now() - ageSeconds * 1000);
    await utimes(file, then, then);
    let inside = 0;
    const work = async () => {
      inside += 1;
      expect(inside).toBe(1);
      await sleep(5);
      inside -= 1;
    };

    await Promise.all(Array.from({ length: 20 }, () => withLock(file, work)));

    expect(await readdir(dir)).toEqual([]);
  });

  it('is taken over although a process crashed while it took it over', async () => {
    const { dir, file } = await aLock();
    await writeFile(file, `999999999 ${hostname()} x`);
    await writeFile(`${file}.takeover`, `999999999 ${hostname()} y`);

    expect(await withLock(file, async () => 'in')).toBe('in');
    expect(await readdir(dir)).toEqual([]);
  });

  it('of another machine that was touched just now is respected', async () => {
    const { file } = await aLock();
    await writeFile(file, '1 elsewhere x');

    await expect(withLock(file, async () => 'in', AbortSignal.timeout(200))).rejects.toThrow();
  });
});
