/** On one line, as statuses and tables need it. */
export function onOneLine(text: string): string {
  return text.trim().replaceAll(/\s+/g, ' ');
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
