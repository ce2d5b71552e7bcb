import { annotationOf, integerOf, rawAnnotation } from './annotation.ts';
import { hookTimeoutAnnotation, timeoutOf, wordsOf } from './hook.ts';
import { slipwayDeletes, slipwayHooks } from './hook-words.ts';
import type { KubeObject } from './object.ts';

export interface HookMistake {
  message: string;
  hint: string;
}

const rules: { annotation: string; isValid: (text: string) => boolean; hint: string }[] = [
  {
    annotation: 'slipway.dev/wave',
    isValid: (text) => integerOf(text) !== undefined,
    hint: 'Write a whole number in quotes, such as "-1" or "10".',
  },
  {
    annotation: 'slipway.dev/hook',
    isValid: (text) => allKnown(text, slipwayHooks),
    hint: `Possible are ${[...slipwayHooks.keys()].join(', ')}.`,
  },
  {
    annotation: 'slipway.dev/hook-delete',
    isValid: (text) => allKnown(text, slipwayDeletes),
    hint: `Possible are ${[...slipwayDeletes.keys()].join(', ')}.`,
  },
  {
    annotation: hookTimeoutAnnotation,
    isValid: (text) => timeoutOf(text) !== undefined,
    hint: 'Write a duration such as 90s, 5m or 1h.',
  },
];

/**
 * What is wrong with an object's own annotations for waves and hooks. Those of Argo CD and Helm are read as those
 * tools read them, which take what they do not know for nothing.
 */
export function hookMistake(object: KubeObject): HookMistake | undefined {
  for (const { annotation, isValid, hint } of rules) {
    const value = rawAnnotation(object, annotation);
    if (value === undefined) continue;
    const text = annotationOf(object, annotation);
    if (text === undefined) return { message: `annotation ${annotation} must be text in quotes`, hint };
    if (!isValid(text)) return { message: `annotation ${annotation} may not be "${text}"`, hint };
  }
  return undefined;
}

function allKnown(text: string, known: ReadonlyMap<string, unknown>): boolean {
  const words = wordsOf(text);
  return words.length > 0 && words.every((word) => known.has(word));
}
