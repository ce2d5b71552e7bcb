import { expect, test } from 'vitest';
import { matches } from '../../../src/config/pattern.ts';

test.each([
  ['main', 'main', true],
  ['main', 'main/x', false],
  ['main', 'xmain', false],
  ['main', 'MAIN', false],
  ['*', 'main', true],
  ['*', 'release/1', false],
  ['*', '', false],
  ['**', 'release/1', true],
  ['release/*', 'release/1', true],
  ['release/*', 'release/1/2', false],
  ['release/*', 'release/', false],
  ['release/**', 'release/1/2', true],
  ['loan-*', 'loan-a', true],
  ['loan-*', 'loan-a/', false],
  ['loan-*', 'loan-a\n', true],
  ['*-loans', 'a-loans', true],
  ['*', '.hidden', true],
  ['v1.0', 'v1x0', false],
  ['a+b', 'aab', false],
])('%s matches %j: %s', (pattern, text, fits) => {
  expect(matches([pattern], text)).toBe(fits);
});

test('matches nothing without patterns, and needs only one match of several', () => {
  expect(matches([], 'main')).toBe(false);
  expect(matches(['dev', 'main'], 'main')).toBe(true);
});
