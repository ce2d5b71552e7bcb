import { expect, it } from 'vitest';
import { nextRun } from '../../../src/store/next-run.ts';

it('calls during a run share the next run, and a failure rejects only the calls of its own run', async () => {
  const runs: PromiseWithResolvers<number>[] = [];
  const ask = nextRun(() => {
    const run = Promise.withResolvers<number>();
    runs.push(run);
    return run.promise;
  });
  const first = ask();
  await Promise.resolve();
  const others = [ask(), ask()];
  expect(runs).toHaveLength(1);

  runs[0]?.reject(new Error('Redis is down'));
  await expect(first).rejects.toThrow('Redis is down');
  await expect.poll(() => runs.length).toBe(2);
  runs[1]?.resolve(2);

  expect(await Promise.all(others)).toEqual([2, 2]);
});
