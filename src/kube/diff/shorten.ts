import type { FieldChange } from '../../model/change-set.ts';
import type { JsonValue } from '../../model/object.ts';

/** Characters of a text that are kept, and of what is of use only as a whole: a structure, the lines that differ. */
const longestText = 2_000;
const longestWhole = 20_000;
/** Characters kept of what two texts begin with alike. */
const begin = 200;

/**
 * Long values (a file in a ConfigMap) cut to where they begin to differ, with their length said, so that a change set
 * stays small.
 */
export function shorten({ path, before, after, lines }: FieldChange): FieldChange {
  const [one, other] = [textOf(before), textOf(after)];
  const isLong = [one, other].some((text) => text !== undefined && text.length > longestText);
  const from = isLong && one !== undefined && other !== undefined ? differFrom(one, other) - begin : 0;
  const change = { path, before: cut(before, from), after: cut(after, from) };
  return lines ? { ...change, lines: fewer(lines) } : change;
}

function textOf(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function differFrom(one: string, other: string): number {
  let at = 0;
  while (at < one.length && one[at] === other[at]) at += 1;
  return at;
}

function cut(value: JsonValue | undefined, from: number): JsonValue | undefined {
  if (value === undefined || typeof value === 'number' || typeof value === 'boolean') return value;
  if (typeof value === 'string') {
    return value.length <= longestText ? value : cutText(value, longestText, Math.max(0, from));
  }
  const text = JSON.stringify(value);
  return text.length <= longestWhole ? value : cutText(text, longestText, 0);
}

function cutText(text: string, longest: number, from: number): string {
  const end = from + longest < text.length ? '…' : '';
  return `${from > 0 ? '…' : ''}${text.slice(from, from + longest)}${end} (${text.length} characters)`;
}

function fewer(lines: string[]): string[] {
  const kept: string[] = [];
  let left = longestWhole;
  for (const line of lines) {
    const short = line.length <= longestText ? line : cutText(line, longestText, 0);
    left -= short.length;
    if (left < 0) break;
    kept.push(short);
  }
  const more = lines.length - kept.length;
  return more > 0 ? [...kept, `… and ${more} more lines`] : kept;
}
