import { closest, distance } from 'fastest-levenshtein';
import { annotationOf, integerOf } from './annotation.ts';
import { commaSeparated, hookOf, hookTimeoutAnnotation, timeoutOf } from './hook.ts';
import { slipwayDeletes, slipwayHooks } from './hook-dialects.ts';
import type { KubeObject } from './object.ts';

export interface AnnotationMistake {
  message: string;
  hint: string;
}

interface OwnAnnotation {
  isValid: (text: string) => boolean;
  hint: string;
  /** It says nothing on an object that is no hook. */
  ofHooks?: true;
}

const oneOf = (...words: string[]): OwnAnnotation => ({
  isValid: (text) => words.includes(text),
  hint: `Possible ${words.length === 1 ? 'is' : 'are'} ${words.join(', ')}.`,
});

const someOf = (known: ReadonlyMap<string, unknown>): OwnAnnotation => ({
  isValid: (text) => allKnown(text, known),
  hint: `Possible are ${[...known.keys()].join(', ')}.`,
});

/** What an author may write on an object. */
const own = new Map<string, OwnAnnotation>([
  [
    'slipway.dev/wave',
    {
      isValid: (text) => integerOf(text) !== undefined,
      hint: 'Write a whole number in quotes, such as "-1" or "10".',
    },
  ],
  ['slipway.dev/hook', someOf(slipwayHooks)],
  ['slipway.dev/hook-delete', { ...someOf(slipwayDeletes), ofHooks: true }],
  [
    hookTimeoutAnnotation,
    {
      isValid: (text) => (timeoutOf(text) ?? 0) > 0,
      hint: 'Write a duration such as 90s, 5m or 1h.',
      ofHooks: true,
    },
  ],
  ['slipway.dev/prune', oneOf('disabled', 'allowed')],
  ['slipway.dev/recreate', oneOf('allowed')],
]);

/** What Slipway itself writes on objects, and what a file may hold that was copied from a cluster. */
const written = new Set(['slipway.dev/hook-run', 'slipway.dev/hook-generated-from']);

/**
 * What is wrong with an object's annotations of Slipway's own, by name or by value. A misspelt one would be taken for
 * nothing, and `slipway.dev/prune: disbled` would delete what it was to keep. Those of Argo CD and Helm are read as
 * those tools read them, which take what they do not know for nothing.
 */
export function annotationMistake(object: KubeObject): AnnotationMistake | undefined {
  for (const annotation of Object.keys(object.metadata.annotations ?? {})) {
    if (!annotation.startsWith('slipway.dev/') || written.has(annotation)) continue;
    const mistake = mistakeIn(object, annotation);
    if (mistake) return mistake;
  }
  return undefined;
}

function mistakeIn(object: KubeObject, annotation: string): AnnotationMistake | undefined {
  const known = own.get(annotation);
  if (!known) return unknownName(annotation);
  const { hint } = known;
  const text = annotationOf(object, annotation);
  if (text === undefined) return { message: `annotation ${annotation} must be text in quotes`, hint };
  if (!known.isValid(text)) return { message: `annotation ${annotation} may not be "${text}"`, hint };
  if (!known.ofHooks || hookOf(object)) return undefined;
  return {
    message: `annotation ${annotation} says nothing here: the object is no hook`,
    hint: `Remove it, or say with slipway.dev/hook when the object runs: ${[...slipwayHooks.keys()].join(', ')}.`,
  };
}

function unknownName(annotation: string): AnnotationMistake {
  const names = [...own.keys()];
  const near = closest(annotation, names);
  const isNear = distance(annotation, near) <= 3;
  return {
    message: `unknown annotation ${annotation}${isNear ? `; did you mean ${near}?` : ''}`,
    hint: `Possible are ${names.join(', ')}.`,
  };
}

function allKnown(text: string, known: ReadonlyMap<string, unknown>): boolean {
  const words = commaSeparated(text);
  return words.length > 0 && words.every((word) => known.has(word));
}
