import { describe, expect, it } from 'vitest';
import { Joined } from '../../../src/git/joined.ts';

/** Runs that end when the test says so. */
function controlled() {
  const runs: { items: string[]; end: (result: string) => void }[] = [];
  const joined = new Joined<string, string>(
    (items) => new Promise((resolve) => runs.push({ items: [...items], end: resolve })),
  );
  return { runs, joined };
}

const soon = () => new Promise((resolve) => setImmediate(resolve));

describe('joined work', () => {
  it('never joins a run that has begun; waiting calls share the next one', async () => {
    const { runs, joined } = controlled();
    const first = joined.ask(['a']);
    await soon();
    const later = [joined.ask(['b']), joined.ask(['c', 'a'])];
    await soon();
    expect(runs.map(({ items }) => items)).toEqual([['a']]);

    runs[0]?.end('one');
    await soon();
    runs[1]?.end('two');

    expect(await first).toBe('one');
    expect(await Promise.all(later)).toEqual(['two', 'two']);
    expect(runs.map(({ items }) => items)).toEqual([['a'], ['b', 'c', 'a']]);
  });

  it('continues after a failed run', async () => {
    let count = 0;
    const joined = new Joined<string, number>(async () => {
      count += 1;
      if (count === 1) throw new Error('no');
      return count;
    });

    await expect(joined.ask(['a'])).rejects.toThrow('no');

    expect(await joined.ask(['a'])).toBe(2);
  });

  it('runs exclusive work by itself', async () => {
    const { runs, joined } = controlled();
    const order: string[] = [];
    void joined.ask(['a']).then(() => order.push('a'));
    const alone = joined.alone(async () => order.push('alone'));
    await soon();
    runs[0]?.end('');

    await alone;

    expect(order).toEqual(['a', 'alone']);
  });
});
