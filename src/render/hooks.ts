import { SlipwayError } from '../errors.ts';
import { annotationMistake } from '../model/annotation-mistake.ts';
import { hookOf } from '../model/hook.ts';
import { type ObjectRef, type RenderedObject, refOf } from '../model/object.ts';
import type { SkippedObject } from '../ports/renderer.ts';

/**
 * Parts what a release applies or runs from the hooks that it never runs, such as Helm's tests. Throws
 * OBJECT_INVALID for an annotation of Slipway's own that says nothing.
 */
export function splitHooks(rendered: RenderedObject[]): {
  objects: RenderedObject[];
  skipped: SkippedObject[];
} {
  for (const each of rendered) refuseMistake(each);
  const skipped = rendered.flatMap((each) => neverRun(each) ?? []);
  return { objects: rendered.filter((each) => neverRun(each) === undefined), skipped };
}

function neverRun({ object, source }: RenderedObject): SkippedObject | undefined {
  const hook = hookOf(object);
  if (hook?.never === undefined || hook.stays) return undefined;
  return { ref: namedRef(object), source, reason: hook.never };
}

/** An object without a name is shown by the beginning of the names that it is given. */
function namedRef(object: RenderedObject['object']): ObjectRef {
  return { ...refOf(object), name: object.metadata.name ?? `${object.metadata.generateName}…` };
}

function refuseMistake({ object, source }: RenderedObject): void {
  const mistake = annotationMistake(object);
  if (!mistake) return;
  const { message, hint } = mistake;
  throw new SlipwayError('OBJECT_INVALID', message, { place: source, object: namedRef(object), hint });
}
