import { SlipwayError } from '../../errors.ts';
import { KubeApiError } from '../client/api-error.ts';
import type { RefusedRequest } from './explanation.ts';
import { explainInvalid } from './invalid.ts';
import type { KindSchema } from './kind-schema.ts';
import { redact } from './redact.ts';
import { explainRefused } from './refused.ts';

/**
 * Turns the API server's refusal of an object into an error that names the object, its file, the problem and the next
 * step. It contains no masked values. Returns other errors unchanged; a refusal that no rule explains keeps its text.
 */
export async function explain(error: unknown, request: RefusedRequest, schema: KindSchema): Promise<unknown> {
  if (!(error instanceof KubeApiError)) return error;
  const found =
    explainRefused(error.apiStatus, request) ?? (await explainInvalid(error.apiStatus, request, schema));
  const cause = request.masks.hides(request.object) ? error.unquoted() : error;
  const { ref, masks, live } = request;
  if (!found) return located(cause, request);
  const through = found.code === 'OBJECT_INVALID' ? request.source?.through : undefined;
  const hint =
    found.hint ?? (through && `Correct the named file, or how ${through} changes it, and push again.`);
  return new SlipwayError(found.code, redact(found.what, masks, request.object, live), {
    object: ref,
    place: request.source,
    hint: hint && redact(hint, masks, request.object, live),
    retryAfterMs: error.retryAfterMs,
    cause,
  });
}

function located(cause: KubeApiError, { ref, source, masks, object, live }: RefusedRequest): SlipwayError {
  const { code, message, hint, retryAfterMs } = cause;
  const text = redact(message, masks, object, live);
  return new SlipwayError(code, text, { object: ref, place: source, hint, retryAfterMs, cause });
}
