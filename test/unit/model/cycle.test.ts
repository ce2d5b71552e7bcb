import { expect, test } from 'vitest';
import { findCycle } from '../../../src/model/cycle.ts';

/** `a>b b>c` */
function cycle(text: string, ...starts: string[]): string[] | undefined {
  const edges = Map.groupBy(text.split(' '), (edge) => edge.split('>')[0] ?? '');
  return findCycle(starts, (name) => (edges.get(name) ?? []).map((edge) => edge.split('>')[1] ?? ''));
}

test.each<[string, string, string[], string[] | undefined]>([
  ['a path without a cycle', 'a>b b>c', ['a'], undefined],
  ['two paths to the same name', 'a>b a>c b>d c>d', ['a'], undefined],
  ['a cycle', 'a>b b>c c>a', ['a'], ['a', 'b', 'c']],
  ['a cycle that does not include the start', 'a>b b>c c>b', ['a'], ['b', 'c']],
  ['a cycle after a dead end', 'a>x a>b b>a', ['a'], ['a', 'b']],
  ['a name that depends on itself', 'a>a', ['a'], ['a']],
  ['a cycle that no start reaches', 'a>b x>y y>x', ['a'], undefined],
  ['a cycle that the second start reaches', 'a>b x>y y>x', ['a', 'x'], ['x', 'y']],
])('%s', (_, edges, starts, expected) => {
  expect(cycle(edges, ...starts)).toEqual(expected);
});

test('follows a path of a hundred thousand steps', () => {
  const next = (name: string) => [String((Number(name) + 1) % 100_000)];
  expect(findCycle(['0'], next)).toHaveLength(100_000);
  expect(findCycle(['0'], (name) => (name === '99999' ? [] : next(name)))).toBeUndefined();
});
