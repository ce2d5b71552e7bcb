import { distance } from 'fastest-levenshtein';
import type { KnownFields } from './explain.ts';

/** `; did you mean replicas?`, or nothing where no known field is near. */
export async function didYouMean(path: string, knownFields: KnownFields): Promise<string> {
  const cut = lastDot(path);
  const parent = path.slice(0, Math.max(cut, 0));
  const name = path.slice(cut + 1);
  const nearest = nearestOf(name, await knownFields(parent));
  return nearest === undefined ? '' : `; did you mean ${nearest}?`;
}

function nearestOf(name: string, candidates: string[]): string | undefined {
  const near = candidates
    .map((candidate) => ({ candidate, away: distance(name.toLowerCase(), candidate.toLowerCase()) }))
    .filter(
      ({ candidate, away }) => away <= Math.max(1, Math.floor(Math.max(name.length, candidate.length) / 3)),
    );
  return near.sort((one, other) => one.away - other.away)[0]?.candidate;
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
