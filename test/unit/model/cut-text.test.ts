import { expect, test } from 'vitest';
import { cutText, onOneLine, textLength } from '../../../src/model/cut-text.ts';

test('keeps a text of exactly the length', () => {
  expect(cutText('x'.repeat(140), 140)).toBe('x'.repeat(140));
});

test('ends a longer text in an ellipsis, at the length', () => {
  expect(cutText('x'.repeat(141), 140)).toBe(`${'x'.repeat(139)}…`);
});

test('never splits a surrogate pair, and counts it as one character', () => {
  expect(textLength('🚀🚀')).toBe(2);
  expect(cutText('🚀'.repeat(140), 140)).toBe('🚀'.repeat(140));
  expect(cutText('🚀'.repeat(141), 140)).toBe(`${'🚀'.repeat(139)}…`);
});

test('puts a text of several lines on one', () => {
  expect(onOneLine('  a\n\tb  c\n')).toBe('a b c');
});
