import { distance } from 'fastest-levenshtein';
import type { KindSchema } from './kind-schema.ts';

/** More are no help. */
const mostNamed = 3;

/** `; did you mean replicas?`, or nothing where no known field is near. */
export async function didYouMean(path: string, schema: Pick<KindSchema, 'fieldsAt'>): Promise<string> {
  const cut = lastDot(path);
  const near = nearestOf(path.slice(cut + 1), await schema.fieldsAt(path.slice(0, Math.max(cut, 0))));
  return near.length === 0 ? '' : `; did you mean ${near.join(' or ')}?`;
}

/** The words that are nearest, in the order of the alphabet where several are. */
export function nearestOf(name: string, candidates: readonly string[]): string[] {
  const away = (candidate: string) => distance(name.toLowerCase(), candidate.toLowerCase());
  const near = candidates.filter(
    (candidate) => away(candidate) <= Math.max(1, Math.floor(Math.max(name.length, candidate.length) / 3)),
  );
  const least = Math.min(...near.map(away));
  return near
    .filter((candidate) => away(candidate) === least)
    .sort()
    .slice(0, mostNamed);
}

/** The last dot outside of brackets: a list's key may hold dots. */
function lastDot(path: string): number {
  let depth = 0;
  for (let index = path.length - 1; index >= 0; index -= 1) {
    if (path[index] === ']') depth += 1;
    if (path[index] === '[') depth -= 1;
    if (path[index] === '.' && depth === 0) return index;
  }
  return -1;
}
