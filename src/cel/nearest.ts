import { closest, distance } from 'fastest-levenshtein';

/** `; did you mean "status"?`, or an empty text if no known word is near. */
export function nearest(word: string, known: readonly string[]): string {
  const words = known.filter((one) => !one.startsWith('@'));
  const found = closest(word, words);
  const isNear = distance(word, found) <= Math.max(1, Math.floor(word.length / 3));
  return isNear ? `; did you mean "${found}"?` : '';
}
