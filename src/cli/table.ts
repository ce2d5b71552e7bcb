import { stripVTControlCharacters, styleText } from 'node:util';

const GAP = '  ';

/**
 * Text from a repository or a forge, fit for a terminal: characters that would move the cursor, change colours,
 * end the line or reverse the direction of writing are removed.
 */
export function plain(text: string): string {
  return stripVTControlCharacters(text).replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]+/gu, ' ');
}

function width(cell: string): number {
  return stripVTControlCharacters(cell).length;
}

/** Columns as wide as their widest cell; the last one is not padded. Cells may be coloured. */
export function table(head: string[], rows: string[][]): string {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(...all.map((row) => width(row[column] ?? ''))));
  const line = (row: string[]) =>
    row
      .map((cell, column) =>
        column === row.length - 1 ? cell : cell + ' '.repeat((widths[column] ?? 0) - width(cell)),
      )
      .join(GAP)
      .trimEnd();
  return [styleText('dim', line(head)), ...rows.map(line)].join('\n');
}
