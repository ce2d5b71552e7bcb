import { SlipwayError, type SourcePlace } from '../../errors.ts';
import { type FieldPath, formatFieldPath } from '../../model/field-path.ts';
import { describeRef, type KubeObject, type ObjectRef } from '../../model/object.ts';
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
    const object = describeRef(ref);
    const message = `${object}: ${formatFieldPath(path)} cannot be left to others: ${why}`;
    throw new SlipwayError('OBJECT_INVALID', message, {
      object,
      place: rendered.source,
      hint: 'Change ignore of the app in slipway.yaml.',
    });
  }
}
