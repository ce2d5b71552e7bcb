import { textOf } from '../model/json.ts';
import type { KubeObject } from '../model/object.ts';

/**
 * An object's resourceVersion: of one kind they are numbers that grow (KEP-5504). NaN, which compares with nothing,
 * where the object has none or it is no number.
 */
export function versionOf({ metadata }: KubeObject): number {
  const version = textOf(metadata.resourceVersion);
  return /^\d+$/.test(version) ? Number(version) : Number.NaN;
}
