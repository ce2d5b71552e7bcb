import type { ApiStatus } from '../client/api-error.ts';
import type { Explanation, RefusalRule, RefusedRequest } from './explanation.ts';
import { absentRules } from './refused-absent.ts';
import { admissionRules } from './refused-admission.ts';
import { conversionRules } from './refused-conversion.ts';
import { limitRules } from './refused-limits.ts';
import { permissionRules } from './refused-permissions.ts';

/** Refusals that do not depend on the object's form. The first rule that knows a refusal explains it. */
const rules: RefusalRule[] = [
  ...absentRules,
  ...limitRules,
  ...admissionRules,
  ...conversionRules,
  // After admission and limits, whose refusals have the same status.
  ...permissionRules,
];

/** Explains a refusal that does not depend on the object's form; undefined: no rule knows it. */
export function explainRefused(status: ApiStatus, request: RefusedRequest): Explanation | undefined {
  for (const rule of rules) {
    const found = rule(status.message, request, status);
    if (found) return found;
  }
  return undefined;
}
