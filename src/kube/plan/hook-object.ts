import { createHash } from 'node:crypto';
import { annotationOf } from '../../model/annotation.ts';
import { type Hook, hookOf, waveNumber } from '../../model/hook.ts';
import type { HookMoment } from '../../model/hook-dialects.ts';
import { objectOf } from '../../model/json.ts';
import { type KubeObject, type ObjectRef, type RenderedObject, refOf } from '../../model/object.ts';
import { runAnnotation } from '../../model/run-annotation.ts';

/** The `generateName` of the hook that an object is one run of. */
const generatedAnnotation = 'slipway.dev/hook-generated-from';

/** A hook among an app's objects. */
export interface HookObject {
  hook: Hook;
  wave: number;
  rendered: RenderedObject;
}

/** Separates the app's objects from its hooks. */
export function separateHooks(objects: RenderedObject[]): { objects: RenderedObject[]; hooks: HookObject[] } {
  const hooks: HookObject[] = [];
  const others = objects.filter((rendered) => {
    const hook = hookOf(rendered.object);
    if (hook) hooks.push({ hook, wave: waveNumber(rendered.object), rendered });
    return hook === undefined;
  });
  return { objects: others, hooks };
}

/** Helm distinguishes the first release of a target from later ones; the other tools do not. */
export function runsAt({ hook }: HookObject, moment: HookMoment, first: boolean): boolean {
  const kind = first ? 'install' : 'upgrade';
  return hook.runs.some((run) => run.moment === moment && (run.only === undefined || run.only === kind));
}

/**
 * The hook as it is sent in one run. Server-side apply takes no `generateName`, and a name that the API server
 * generates would run the hook twice if its response were lost: so the name is generated here, from the release.
 */
export function forRun({ rendered }: HookObject, moment: HookMoment, releaseKey: string): RenderedObject {
  const { object, source } = rendered;
  const run = createHash('sha256')
    .update(JSON.stringify([releaseKey, moment, object]))
    .digest('hex');
  const { generateName, ...metadata } = object.metadata;
  const generated = !metadata.name && generateName ? { [generatedAnnotation]: generateName } : {};
  const annotations = {
    ...objectOf(object.metadata.annotations),
    ...generated,
    [runAnnotation]: run.slice(0, 16),
  };
  const name = metadata.name || `${(generateName ?? '').slice(0, longestPrefix)}${run.slice(0, 5)}`;
  return { source, object: { ...object, metadata: { ...metadata, name, annotations } } };
}

/** What the API server itself leaves of a `generateName`, so that name and suffix fit a label. */
const longestPrefix = 58;

/** A hook's reference as people read it; a name that each run generates ends with `…`. */
export function refOfHook({ rendered: { object } }: HookObject): ObjectRef {
  return { ...refOf(object), name: object.metadata.name ?? `${object.metadata.generateName}…` };
}

/** The id of the run that an object is; empty: of none. */
export function runOf(object: KubeObject): string {
  return annotationOf(object, runAnnotation) ?? '';
}

/** Whether two objects are the same run of a hook. */
export function isSameRun(live: KubeObject, wanted: KubeObject): boolean {
  return runOf(live) === runOf(wanted);
}

/** Whether a live object is a run of a hook with this `generateName`. */
export function isGeneratedFrom(live: KubeObject, generateName: string): boolean {
  return annotationOf(live, generatedAnnotation) === generateName;
}

/** Whether a live object is a run of a hook with a generated name that is still among `objects`. */
export function isRunOf(live: KubeObject, objects: RenderedObject[]): boolean {
  const from = annotationOf(live, generatedAnnotation);
  if (from === undefined) return false;
  return objects.some(({ object }) => object.metadata.generateName === from && object.kind === live.kind);
}
