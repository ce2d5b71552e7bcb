import { expect, test } from 'vitest';
import { findCycle } from '../../../src/model/cycle.ts';

/** `a>b b>c` */
function cycle(text: string, ...starts: string[]): string[] | undefined {
  const edges = Map.groupBy(text.split(' '), (edge) => edge.split('>')[0] ?? '');
  return findCycle(starts, (name) => (edges.get(name) ?? []).map((edge) => edge.split('>')[1] ?? ''));
}

test.each<[string, string, string[], string[] | undefined]>([
  ['a line', 'a>b b>c', ['a'], undefined],
  ['two ways to the same', 'a>b a>c b>d c>d', ['a'], undefined],
  ['a ring', 'a>b b>c c>a', ['a'], ['a', 'b', 'c']],
  ['a ring, from the start that comes to it first', 'a>b b>c c>b', ['a'], ['b', 'c']],
  ['a ring behind a way that leads nowhere', 'a>x a>b b>a', ['a'], ['a', 'b']],
  ['itself', 'a>a', ['a'], ['a']],
  ['a ring that no start leads to', 'a>b x>y y>x', ['a'], undefined],
  ['a ring at the second start', 'a>b x>y y>x', ['a', 'x'], ['x', 'y']],
])('%s', (_, edges, starts, ring) => {
  expect(cycle(edges, ...starts)).toEqual(ring);
});

test('a way of a hundred thousand steps is walked to its end', () => {
  const next = (name: string) => [String((Number(name) + 1) % 100_000)];
  expect(findCycle(['0'], next)).toHaveLength(100_000);
  expect(findCycle(['0'], (name) => (name === '99999' ? [] : next(name)))).toBeUndefined();
});
