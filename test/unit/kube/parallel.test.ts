import { setImmediate as lease } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { inParallel } from '../../../src/kube/parallel.ts';

test('runs every item, and at most the limit at once', async () => {
  let running = 0;
  let most = 0;
  const done: number[] = [];
  await inParallel([1, 2, 3, 4, 5, 6, 7], 3, async (item) => {
    running += 1;
    most = Math.max(most, running);
    await lease();
    running -= 1;
    done.push(item);
  });
  expect(most).toBe(3);
  expect(done.sort()).toEqual([1, 2, 3, 4, 5, 6, 7]);
});

test('starts nothing new after a failure, and throws it once what runs has ended', async () => {
  const started: number[] = [];
  const ended: number[] = [];
  const running = inParallel([1, 2, 3, 4], 2, async (item) => {
    started.push(item);
    await lease();
    if (item === 1) throw new Error('one');
    await lease();
    ended.push(item);
  });
  await expect(running).rejects.toThrow('one');
  expect(started).toEqual([1, 2]);
  expect(ended).toEqual([2]);
});
