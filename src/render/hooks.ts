import { type RenderedObject, refOf } from '../model/object.ts';
import type { SkippedObject } from '../ports/renderer.ts';
import { isRecord } from './record.ts';

const hookAnnotations = ['helm.sh/hook', 'argocd.argoproj.io/hook'];

/** Whether an object is a Helm or Argo CD hook, which runs at a moment of a release and is no part of its state. */
export function isHook(object: Record<string, unknown>): boolean {
  return hookAnnotations.some((name) => annotation(object, name) !== undefined);
}

/** Helm's tests run on demand only, and are never applied. */
function isTest(object: Record<string, unknown>): boolean {
  return /(^|,)\s*test(-success|-failure)?\s*(,|$)/.test(annotation(object, 'helm.sh/hook') ?? '');
}

/** Parts the objects of a release from the hooks, which are shown but not applied. */
export function splitHooks(rendered: RenderedObject[]): {
  objects: RenderedObject[];
  skipped: SkippedObject[];
} {
  const objects = rendered.filter(({ object }) => !isHook(object));
  const skipped = rendered
    .filter(({ object }) => isHook(object))
    .map(({ object, source }) => ({
      ref: { ...refOf(object), name: object.metadata.name ?? `${object.metadata.generateName}…` },
      source: source.line === undefined ? source.file : `${source.file}:${source.line}`,
      reason: isTest(object) ? 'hook: a Helm test is never applied' : 'hook',
    }));
  return { objects, skipped };
}

function annotation(object: Record<string, unknown>, name: string): string | undefined {
  const { metadata } = object;
  const annotations = isRecord(metadata) ? metadata.annotations : undefined;
  const value = isRecord(annotations) ? annotations[name] : undefined;
  return typeof value === 'string' ? value : undefined;
}
