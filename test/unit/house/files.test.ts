import { expect, it } from 'vitest';
import { sourcesIn } from '../../support/sources.ts';

const product = sourcesIn(['src', 'workers']);
const all = [...product, ...sourcesIn(['sandbox', 'bench', 'test'])];

function lines(text: string): number {
  return text.split('\n').length - 1;
}

it('no file is over 400 lines', () => {
  const long = all.filter(({ text }) => lines(text) > 400);
  expect(long.map(({ path, text }) => `${path}: ${lines(text)}`)).toEqual([]);
});

it('half of the files of src are under 100 lines, few over 250', () => {
  const sizes = product.map(({ text }) => lines(text)).sort((a, b) => a - b);
  expect(sizes[Math.floor(sizes.length / 2)]).toBeLessThan(100);
  expect(sizes.filter((size) => size > 250).length).toBeLessThan(sizes.length / 50);
});

it('workers only put parts together: 60 lines at most', () => {
  const long = product.filter(({ path, text }) => path.startsWith('workers/') && lines(text) > 60);
  expect(long.map(({ path }) => path)).toEqual([]);
});

/** This file alone has to name them. */
const others = all.filter(({ path }) => path !== 'test/unit/house/files.test.ts');

it.each([
  ['a default export', /^export default /m],
  ['a rule that is switched off', /@ts-(ignore|expect-error|nocheck)|biome-ignore/],
  ['unfinished work', /\b(TODO|FIXME|XXX)\b/],
  ['a test that is skipped or runs alone', /\b(it|test|describe)\.(skip|only|todo)\b/],
])('no file holds %s', (_what, pattern) => {
  expect(others.filter(({ text }) => pattern.test(text)).map(({ path }) => path)).toEqual([]);
});
