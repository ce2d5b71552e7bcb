/**
 * On one line, as statuses and tables need it: without control characters, and without half of a surrogate pair, which
 * is no text that UTF-8 can carry.
 */
export function onOneLine(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .trim();
}

/**
 * At most `most` characters, as people and forges count them (code points), ending in `…` if something was cut. The
 * only cutter of texts: no surrogate pair is split.
 */
export function cutText(text: string, most: number): string {
  // A code point is one or two UTF-16 units, so most texts need no counting.
  if (text.length <= most) return text;
  const characters = [...text];
  return characters.length <= most ? text : `${characters.slice(0, most - 1).join('')}…`;
}

/** The length that `cutText` compares. */
export function textLength(text: string): number {
  return [...text].length;
}
