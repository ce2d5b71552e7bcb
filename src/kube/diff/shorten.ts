import type { FieldChange } from '../../model/change-set.ts';
import type { JsonValue } from '../../model/object.ts';

const longest = 2_000;

/** Long values (a file in a ConfigMap) cut, with their length said, so that a change set stays small. */
export function shorten(change: FieldChange): FieldChange {
  return { path: change.path, before: cut(change.before), after: cut(change.after) };
}

function cut(value: JsonValue | undefined): JsonValue | undefined {
  if (value === undefined || typeof value === 'number' || typeof value === 'boolean') return value;
  if (typeof value === 'string') return value.length <= longest ? value : cutText(value);
  const text = JSON.stringify(value);
  return text.length <= longest ? value : cutText(text);
}

function cutText(text: string): string {
  return `${text.slice(0, longest)}… (${text.length} characters)`;
}
