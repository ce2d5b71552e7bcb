import { type Edit, editsBetween } from './sequence-diff.ts';

/** Context lines around a difference, as in `diff -u`. */
const CONTEXT_LINES = 3;

/**
 * A unified diff of two texts: lines that start with their sign, under headings such as `@@ -61,7 +61,8 @@`. Undefined if
 * neither text has several lines.
 */
export function textDiff(before: string, after: string): string[] | undefined {
  if (!before.includes('\n') && !after.includes('\n')) return undefined;
  const edits = editsBetween(linesOf(before, after), linesOf(after, before));
  return hunks(edits).flatMap(({ from, to }) => [
    heading(edits, from, to),
    ...edits.slice(from, to).map(({ sign, value }) => `${sign}${value}`),
  ]);
}

/** A missing newline at the end is marked only if the other text has one. */
function linesOf(text: string, other: string): string[] {
  const lines = text.split('\n');
  if (text.endsWith('\n')) return lines.slice(0, -1);
  return other.endsWith('\n') ? [...lines, '\\ no newline at the end'] : lines;
}

/** Ranges of edits with their context; ranges that touch are merged. */
function hunks(edits: Edit[]): { from: number; to: number }[] {
  const found: { from: number; to: number }[] = [];
  for (const [index, { sign }] of edits.entries()) {
    if (sign === ' ') continue;
    const from = Math.max(0, index - CONTEXT_LINES);
    const to = Math.min(edits.length, index + CONTEXT_LINES + 1);
    const last = found.at(-1);
    if (last && from <= last.to) last.to = to;
    else found.push({ from, to });
  }
  return found;
}

function heading(edits: Edit[], from: number, to: number): string {
  const range = (other: Edit['sign']) => {
    const count = (some: Edit[]) => some.filter(({ sign }) => sign !== other).length;
    return `${count(edits.slice(0, from)) + 1},${count(edits.slice(from, to))}`;
  };
  return `@@ -${range('+')} +${range('-')} @@`;
}
