import { SlipwayError } from '../../errors.ts';
import { KubeApiError } from '../client/api-error.ts';
import type { Asked } from './explanation.ts';
import { explainInvalid } from './invalid.ts';
import type { KindSchema } from './kind-schema.ts';
import { redact } from './redact.ts';
import { explainRefused } from './refused.ts';

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
