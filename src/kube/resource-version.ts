import { objectOf, textOf } from '../model/json.ts';
import type { JsonObject } from '../model/object.ts';

/**
 * The resourceVersion of an object or a list: of one kind they are numbers that grow (KEP-5504). NaN, which compares with nothing,
 * where the object has none or it is no number.
 */
export function versionOf({ metadata }: JsonObject): number {
  const version = textOf(objectOf(metadata).resourceVersion);
  return /^\d+$/.test(version) ? Number(version) : Number.NaN;
}
