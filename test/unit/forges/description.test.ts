import { expect, test } from 'vitest';
import { cutDescription } from '../../../src/forges/description.ts';

test('a description of 140 characters stays as it is', () => {
  const text = 'x'.repeat(140);

  expect(cutDescription(text)).toBe(text);
});

test('a longer one ends in an ellipsis, at 140 characters', () => {
  expect(cutDescription('x'.repeat(141))).toBe(`${'x'.repeat(139)}…`);
});

test('no character is cut in two', () => {
  const cut = cutDescription('🚀'.repeat(200));

  expect([...cut]).toHaveLength(140);
  expect(cut).toBe(`${'🚀'.repeat(139)}…`);
});
