import { expect, test } from 'vitest';
import { compareQuantities } from '../../../src/kube/quantity.ts';

test.each([
  ['1Gi', '1024Mi', 0],
  ['1Gi', '5Gi', -1],
  ['1G', '1Gi', -1],
  ['2Ti', '1.5Ti', 1],
  ['1e3', '1k', 0],
  ['100E', '1E', 1],
  ['500m', '1', -1],
  ['10', '9', 1],
])('%s compared with %s', (one, other, sign) => {
  expect(Math.sign(compareQuantities(one, other))).toBe(sign);
});

test.each(['', 'large', '1 Gi', '1gi'])('%j is no quantity', (text) => {
  expect(compareQuantities(text, '1Gi')).toBeNaN();
});
