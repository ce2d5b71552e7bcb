import { SlipwayError } from '../../errors.ts';
import { type FieldPath, formatFieldPath } from '../../model/field-path.ts';
import type { KubeObject, ObjectRef } from '../../model/object.ts';
import type { SourcePlace } from '../../model/source-place.ts';
import { whyInseparable } from './owned-fields.ts';

interface Ignoring {
  ref: ObjectRef;
  rendered: { source: SourcePlace };
  ignored: FieldPath[];
}

/** Throws OBJECT_INVALID if an ignored field cannot be sent, or left out, by itself. */
export function refuseInseparable({ ref, rendered, ignored }: Ignoring, live: KubeObject): void {
  for (const path of ignored) {
    const why = whyInseparable(live, path);
    if (why === undefined) continue;
    throw new SlipwayError('OBJECT_INVALID', `${formatFieldPath(path)} cannot be ignored: ${why}`, {
      object: ref,
      place: rendered.source,
      hint: 'Change ignore of the app in slipway.yaml.',
    });
  }
}
