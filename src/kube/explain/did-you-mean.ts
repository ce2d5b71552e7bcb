import { distance } from 'fastest-levenshtein';
import type { KindSchema } from './kind-schema.ts';

/** More suggestions do not help. */
const maxSuggestions = 3;

/** `; did you mean replicas?`, or an empty string if no known field is near. */
export async function didYouMean(path: string, schema: Pick<KindSchema, 'fieldsAt'>): Promise<string> {
  const cut = lastDot(path);
  const near = nearestOf(path.slice(cut + 1), await schema.fieldsAt(path.slice(0, Math.max(cut, 0))));
  return near.length === 0 ? '' : `; did you mean ${near.join(' or ')}?`;
}

/** The nearest candidates, sorted by name. */
export function nearestOf(name: string, candidates: readonly string[]): string[] {
  const distanceTo = (candidate: string) => distance(name.toLowerCase(), candidate.toLowerCase());
  const near = candidates.filter(
    (candidate) =>
      distanceTo(candidate) <= Math.max(1, Math.floor(Math.max(name.length, candidate.length) / 3)),
  );
  const least = Math.min(...near.map(distanceTo));
  return near
    .filter((candidate) => distanceTo(candidate) === least)
    .sort()
    .slice(0, maxSuggestions);
}

/** The index of the last dot outside of brackets, because a list's key may contain dots; -1 if there is none. */
function lastDot(path: string): number {
  let depth = 0;
  for (let index = path.length - 1; index >= 0; index -= 1) {
    if (path[index] === ']') depth += 1;
    if (path[index] === '[') depth -= 1;
    if (path[index] === '.' && depth === 0) return index;
  }
  return -1;
}
