import { expect, test } from 'vitest';
import { editsBetween } from '../../../src/model/sequence-diff.ts';
import { textDiff } from '../../../src/model/text-diff.ts';

const shown = (before: string, after: string) =>
  editsBetween([...before], [...after])
    .map(({ sign, value }) => `${sign}${value}`)
    .join(' ');

test.each([
  ['', '', ''],
  ['abc', 'abc', ' a  b  c'],
  ['', 'ab', '+a +b'],
  ['ab', '', '-a -b'],
  ['abc', 'axc', ' a -b +x  c'],
  ['ac', 'abc', ' a +b  c'],
  ['abcabba', 'cbabac', '-a -b  c +b  a  b -b  a +c'],
])('from "%s" to "%s" it is %s', (before, after, expected) => {
  expect(shown(before, after)).toBe(expected);
});

test('the edits turn any sequence into any other', () => {
  let seed = 7;
  const random = (below: number) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return seed % below;
  };
  const word = () => Array.from({ length: random(30) }, () => 'abcd'[random(4)] ?? '');
  for (let round = 0; round < 500; round += 1) {
    const [before, after] = [word(), word()];
    const edits = editsBetween(before, after);
    expect(edits.filter(({ sign }) => sign !== '+').map(({ value }) => value)).toEqual(before);
    expect(edits.filter(({ sign }) => sign !== '-').map(({ value }) => value)).toEqual(after);
  }
});

test('replaces sequences without common values as a whole, in bounded time', () => {
  const lines = (letter: string) => Array.from({ length: 20_000 }, (_, at) => `${letter}${at}`);
  const edits = editsBetween(['same', ...lines('a')], ['same', ...lines('b')]);
  expect(edits).toHaveLength(40_001);
  expect(edits[0]).toEqual({ sign: ' ', value: 'same' });
});

test('texts of one line have no line diff', () => {
  expect(textDiff('a', 'b')).toBeUndefined();
});

test('differences far apart get headings of their own', () => {
  const text = (first: string, last: string) =>
    [first, ...Array.from({ length: 20 }, (_, at) => String(at)), last, ''].join('\n');
  expect(textDiff(text('a', 'y'), text('b', 'z'))).toEqual([
    '@@ -1,4 +1,4 @@',
    '-a',
    '+b',
    ' 0',
    ' 1',
    ' 2',
    '@@ -19,4 +19,4 @@',
    ' 17',
    ' 18',
    ' 19',
    '-y',
    '+z',
  ]);
});

test('marks a newline that is added at the end', () => {
  expect(textDiff('a\nb', 'a\nb\n')).toEqual(['@@ -1,3 +1,2 @@', ' a', ' b', '-\\ no newline at the end']);
});
