import type { FieldChange } from '../../model/change-set.ts';
import type { JsonValue } from '../../model/object.ts';

/** Characters kept of a text, and of values that are useful only as a whole: a structure, the changed lines. */
const MAX_TEXT = 2_000;
const MAX_WHOLE = 20_000;
/** Characters kept before the first difference of two texts. */
const CONTEXT = 200;

/**
 * Cuts long values (a file in a ConfigMap) so that a change set stays small: they start shortly before the first
 * difference and end with their total length.
 */
export function shorten({ path, before, after, lines }: FieldChange): FieldChange {
  const [one, other] = [textOf(before), textOf(after)];
  const isLong = [one, other].some((text) => text !== undefined && text.length > MAX_TEXT);
  const from = isLong && one !== undefined && other !== undefined ? firstDifference(one, other) - CONTEXT : 0;
  const change = { path, before: cut(before, from), after: cut(after, from) };
  return lines ? { ...change, lines: cutLines(lines) } : change;
}

function textOf(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function firstDifference(one: string, other: string): number {
  let at = 0;
  while (at < one.length && one[at] === other[at]) at += 1;
  return at;
}

function cut(value: JsonValue | undefined, from: number): JsonValue | undefined {
  if (value === undefined || typeof value === 'number' || typeof value === 'boolean') return value;
  if (typeof value === 'string') {
    return value.length <= MAX_TEXT ? value : cutText(value, MAX_TEXT, Math.max(0, from));
  }
  const text = JSON.stringify(value);
  return text.length <= MAX_WHOLE ? value : cutText(text, MAX_TEXT, 0);
}

function cutText(text: string, longest: number, from: number): string {
  const end = from + longest < text.length ? '…' : '';
  return `${from > 0 ? '…' : ''}${text.slice(from, from + longest)}${end} (${text.length} characters)`;
}

function cutLines(lines: string[]): string[] {
  const kept: string[] = [];
  let left = MAX_WHOLE;
  for (const line of lines) {
    const short = line.length <= MAX_TEXT ? line : cutText(line, MAX_TEXT, 0);
    left -= short.length;
    if (left < 0) break;
    kept.push(short);
  }
  const more = lines.length - kept.length;
  return more > 0 ? [...kept, `… and ${more} more lines`] : kept;
}
