import { closest, distance } from 'fastest-levenshtein';
import { annotationOf, parseInteger } from './annotation.ts';
import { commaSeparated, hookOf, hookTimeoutAnnotation, parseTimeout } from './hook.ts';
import { slipwayDeletes, slipwayHooks } from './hook-dialects.ts';
import type { KubeObject } from './object.ts';

export interface AnnotationMistake {
  message: string;
  hint: string;
}

interface OwnAnnotation {
  isValid: (text: string) => boolean;
  hint: string;
  /** It has no effect on an object that is not a hook. */
  ofHooks?: true;
}

const oneOf = (...words: string[]): OwnAnnotation => ({
  isValid: (text) => words.includes(text),
  hint: `Valid values: ${words.join(', ')}.`,
});

const someOf = (known: ReadonlyMap<string, unknown>): OwnAnnotation => ({
  isValid: (text) => allKnown(text, known),
  hint: `Valid values: ${[...known.keys()].join(', ')}.`,
});

/** Annotations that authors may set. */
const settable = new Map<string, OwnAnnotation>([
  [
    'slipway.dev/wave',
    {
      isValid: (text) => parseInteger(text) !== undefined,
      hint: 'Write a whole number in quotes, such as "-1" or "10".',
    },
  ],
  ['slipway.dev/hook', someOf(slipwayHooks)],
  ['slipway.dev/hook-delete', { ...someOf(slipwayDeletes), ofHooks: true }],
  [
    hookTimeoutAnnotation,
    {
      isValid: (text) => (parseTimeout(text) ?? 0) > 0,
      hint: 'Write a duration such as 90s, 5m or 1h.',
      ofHooks: true,
    },
  ],
  ['slipway.dev/prune', oneOf('disabled', 'allowed')],
  ['slipway.dev/recreate', oneOf('allowed')],
  ['slipway.dev/replace-stuck-pods', oneOf('allowed')],
  ['slipway.dev/grow-claims', oneOf('allowed')],
]);

/** Annotations that Slipway sets. A file that was copied from a cluster may contain them. */
const setBySlipway = new Set(['slipway.dev/hook-run', 'slipway.dev/hook-generated-from']);

/**
 * The first `slipway.dev/` annotation of an object with an unknown name or an invalid value. These are errors because a
 * misspelt annotation would have no effect: `slipway.dev/prune: disbled` would let the object be deleted. Unknown
 * annotations and values of Argo CD and Helm are ignored, as those tools ignore them.
 */
export function annotationMistake(object: KubeObject): AnnotationMistake | undefined {
  for (const annotation of Object.keys(object.metadata.annotations ?? {})) {
    if (!annotation.startsWith('slipway.dev/') || setBySlipway.has(annotation)) continue;
    const mistake = mistakeIn(object, annotation);
    if (mistake) return mistake;
  }
  return undefined;
}

function mistakeIn(object: KubeObject, annotation: string): AnnotationMistake | undefined {
  const known = settable.get(annotation);
  if (!known) return unknownName(annotation);
  const { hint } = known;
  const text = annotationOf(object, annotation);
  if (text === undefined) return { message: `annotation ${annotation} must be a quoted string`, hint };
  if (!known.isValid(text)) return { message: `annotation ${annotation} may not be "${text}"`, hint };
  if (!known.ofHooks || hookOf(object)) return undefined;
  return {
    message: `annotation ${annotation} has no effect: the object is not a hook`,
    hint: `Remove it, or set slipway.dev/hook to when the object runs: ${[...slipwayHooks.keys()].join(', ')}.`,
  };
}

function unknownName(annotation: string): AnnotationMistake {
  const names = [...settable.keys()];
  const near = closest(annotation, names);
  const isNear = distance(annotation, near) <= 3;
  return {
    message: `unknown annotation ${annotation}${isNear ? `; did you mean ${near}?` : ''}`,
    hint: `Valid annotations: ${names.join(', ')}.`,
  };
}

function allKnown(text: string, known: ReadonlyMap<string, unknown>): boolean {
  const words = commaSeparated(text);
  return words.length > 0 && words.every((word) => known.has(word));
}
