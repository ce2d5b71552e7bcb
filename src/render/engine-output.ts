import type { Failure } from '../model/failure.ts';
import { groupOf, type RenderedObject, versionOf } from '../model/object.ts';
import type { Target } from '../model/target.ts';
import type { Rendered } from '../ports/renderer.ts';
import { dropRepeated } from './drop-repeated.ts';
import type { EngineFailure, EngineObject } from './engine/protocol.ts';
import type { EngineOutput } from './engine/run-render.ts';
import { splitHooks } from './hooks.ts';

/** What the engine gave, as a release takes it. Throws OBJECT_INVALID for what only all objects together show. */
export function toRendered({ objects, warnings }: EngineOutput, target: Target): Rendered {
  const rendered = dropRepeated(objects.map(toObject), target.namespace);
  return { ...splitHooks(rendered), warnings, cached: false };
}

function toObject({ object, file, line, through }: EngineObject): RenderedObject {
  const source: RenderedObject['source'] = { file };
  if (line !== undefined) source.line = line;
  if (through !== undefined) source.through = through;
  return { object, source };
}

/** What an engine, or the files it asked for, said is wrong, in the words of the model. */
export function toFailure({ code, summary, file, line, hint, object }: EngineFailure): Failure {
  const place = file === undefined ? undefined : { file, line };
  const ref = object && {
    group: groupOf(object.apiVersion),
    version: versionOf(object.apiVersion),
    kind: object.kind,
    namespace: object.namespace,
    name: object.name,
  };
  return { code, summary, place, hint, object: ref };
}
