import { createHash } from 'node:crypto';
import { type Hook, hookOf, waveNumber } from '../../model/hook.ts';
import type { HookMoment } from '../../model/hook-dialects.ts';
import { objectOf } from '../../model/json.ts';
import type { JsonObject, KubeObject, RenderedObject } from '../../model/object.ts';

/** Which run of a hook an object is: the same in every attempt of one release, another in the next release. */
export const runAnnotation = 'slipway.dev/hook-run';
/** The `generateName` of the hook that an object is one run of. */
export const generatedAnnotation = 'slipway.dev/hook-generated-from';

/** A hook among an app's objects. */
export interface HookObject {
  hook: Hook;
  wave: number;
  rendered: RenderedObject;
}

/** Parts the app's objects from its hooks. */
export function partHooks(objects: RenderedObject[]): { objects: RenderedObject[]; hooks: HookObject[] } {
  const hooks: HookObject[] = [];
  const others = objects.filter((rendered) => {
    const hook = hookOf(rendered.object);
    if (hook) hooks.push({ hook, wave: waveNumber(rendered.object), rendered });
    return hook === undefined;
  });
  return { objects: others, hooks };
}

/** Helm's words tell the first release of a target from the later ones; all others mean both. */
export function runsAt({ hook }: HookObject, moment: HookMoment, first: boolean): boolean {
  const kind = first ? 'install' : 'upgrade';
  return hook.runs.some((run) => run.moment === moment && (run.only === undefined || run.only === kind));
}

/**
 * The hook as it is sent in one run. Server-side apply takes no `generateName`, and a name that the API server
 * makes up would run the hook twice when its answer is lost: so the name is made here, from the release.
 */
export function forRun({ rendered }: HookObject, moment: HookMoment, releaseKey: string): RenderedObject {
  const { object, source } = rendered;
  const run = createHash('sha256')
    .update(JSON.stringify([releaseKey, moment, object]))
    .digest('hex');
  const { generateName, ...metadata } = object.metadata;
  const generated = !metadata.name && generateName ? { [generatedAnnotation]: generateName } : {};
  const annotations = { ...annotationsOf(object), ...generated, [runAnnotation]: run.slice(0, 16) };
  const name = metadata.name || `${(generateName ?? '').slice(0, longestPrefix)}${run.slice(0, 5)}`;
  return { source, object: { ...object, metadata: { ...metadata, name, annotations } } };
}

/** What the API server itself leaves of a `generateName`, so that name and suffix fit a label. */
const longestPrefix = 58;

export function annotationsOf({ metadata }: KubeObject): JsonObject {
  return objectOf(metadata.annotations);
}

/** Whether a live object is a run of a hook with a generated name that is still among `objects`. */
export function isRunOf(live: KubeObject, objects: RenderedObject[]): boolean {
  const from = annotationsOf(live)[generatedAnnotation];
  if (from === undefined) return false;
  return objects.some(({ object }) => object.metadata.generateName === from && object.kind === live.kind);
}
