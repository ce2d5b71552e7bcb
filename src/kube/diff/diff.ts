import type { FieldChange } from '../../model/change-set.ts';
import { type Masks, secretMasks, unsealed } from '../../model/masks.ts';
import type { KubeObject } from '../../model/object.ts';
import { textDiff } from '../../model/text-diff.ts';
import { compare } from './compare.ts';
import { isNoise, withoutNoise } from './noise.ts';
import { shorten } from './shorten.ts';

/**
 * The fields in which two states of an object differ, in the order in which the object has them. Both states come from the
 * API server, so its defaults cancel out; pass what was sent as `wanted` to leave out the defaults of added values. Hidden
 * values are masked.
 */
export function diffObjects(
  before: KubeObject,
  after: KubeObject,
  masks: Masks = secretMasks,
  wanted?: KubeObject,
): FieldChange[] {
  const changes: FieldChange[] = [];
  const clean = (object: KubeObject) => withoutNoise(masks.seal(object));
  compare('', clean(before), clean(after), wanted && clean(wanted), changes);
  return changes.filter(({ path }) => !isNoise(after, path)).map(shown);
}

function shown({ path, ...sides }: FieldChange): FieldChange {
  const before = unsealed(sides.before);
  const after = unsealed(sides.after);
  const lines = typeof before === 'string' && typeof after === 'string' ? textDiff(before, after) : undefined;
  return shorten({ path, before, after, lines });
}
