import { SlipwayError } from '../../errors.ts';
import type { FieldPath } from '../../model/field-path.ts';
import type { Masks } from '../../model/masks.ts';
import type { KubeObject, ObjectRef } from '../../model/object.ts';
import type { SourcePlace } from '../../model/source-place.ts';
import { KubeApiError } from '../client/api-error.ts';
import type { Resource } from '../discovery/resource.ts';
import { explainInvalid } from './invalid.ts';
import type { KindSchema } from './kind-schema.ts';
import { redact } from './redact.ts';
import { explainRefused } from './refused.ts';

/** What was asked of the API server when it refused. */
export interface Asked {
  ref: ObjectRef;
  object: KubeObject;
  /** As it was found on the cluster. */
  live?: KubeObject | undefined;
  source?: SourcePlace | undefined;
  resource: Resource;
  verb: 'patch' | 'delete' | 'get';
  /** The impersonated account; undefined: Slipway's own. */
  account: string | undefined;
  cluster: string;
  masks: Masks;
  /** What was left out of the object, because slipway.yaml leaves it to others. */
  ignored?: FieldPath[] | undefined;
}

/** One refusal in words: `what` does not name the object. */
export interface Explanation {
  code: SlipwayError['code'];
  what: string;
  hint?: string | undefined;
}

/**
 * The API server's refusal of one object as an error a person can act on: the object, its file, what is wrong,
 * the next step. Hidden values are never in it. Errors that concern no single object come back as they are.
 */
export async function explain(error: unknown, asked: Asked, schema: KindSchema): Promise<unknown> {
  if (!(error instanceof KubeApiError)) return error;
  const found =
    explainRefused(error.apiStatus, asked) ?? (await explainInvalid(error.apiStatus, asked, schema));
  const cause = asked.masks.hides(asked.object) ? error.unquoted() : error;
  if (!found) return cause;
  const { ref, masks, live } = asked;
  const through = found.code === 'OBJECT_INVALID' ? asked.source?.through : undefined;
  const hint =
    found.hint ?? (through && `Correct the named file, or what ${through} makes of it, and push again.`);
  return new SlipwayError(found.code, redact(found.what, masks, asked.object, live), {
    object: ref,
    place: asked.source,
    hint: hint && redact(hint, masks, asked.object, live),
    retryAfterMs: error.retryAfterMs,
    cause,
  });
}
