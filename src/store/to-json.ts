/**
 * A value as JSON that scripts may decode: half of a surrogate pair, which a file or a cluster can contain, would end
 * every script that reads it. It becomes U+FFFD.
 */
export function toJson(value: unknown): string {
  const text = JSON.stringify(value);
  // JSON.stringify escapes only halves so; a backslash that the text itself has is doubled, and then costs a second look.
  return /\\ud[89a-f]/.test(text) ? JSON.stringify(value, wellFormed) : text;
}

function wellFormed(_key: string, value: unknown): unknown {
  return typeof value === 'string' ? value.toWellFormed() : value;
}
