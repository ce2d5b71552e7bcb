import { stripVTControlCharacters, styleText } from 'node:util';
import { expect, it } from 'vitest';
import { plain, table } from '../../../src/cli/table.ts';

it('aligns columns by their visible width, without colour codes', () => {
  const red = styleText('red', 'failed', { validateStream: false });

  const lines = stripVTControlCharacters(
    table(
      ['A', 'STATE', ''],
      [
        ['web', red, 'x'],
        ['worker', 'ok', 'y'],
      ],
    ),
  );

  expect(lines.split('\n')).toEqual(['A       STATE', 'web     failed  x', 'worker  ok      y']);
});

it.each([
  ['colours', 'a\u001b[31mb', 'ab'],
  ['line ends', 'a\r\nb', 'a b'],
  ['bells and backspaces', 'a\u0007\u0008b', 'a b'],
  ['links', 'a\u001b]8;;http://x\u0007b', 'ab'],
  ['turned writing', 'a\u202eb', 'a b'],
])('removes %s from foreign text', (_name, text, clean) => {
  expect(plain(text)).toBe(clean);
});
