import type { JsonValue, KubeObject } from './object.ts';

/** The value of an annotation; undefined if it is missing or not a string. */
export function annotationOf(object: KubeObject, name: string): string | undefined {
  const value = rawAnnotation(object, name);
  return typeof value === 'string' ? value : undefined;
}

/** The value of an annotation as rendered, of whatever type; undefined if it is missing. */
export function rawAnnotation(object: KubeObject, name: string): JsonValue | undefined {
  const { annotations } = object.metadata;
  if (typeof annotations !== 'object' || annotations === null || Array.isArray(annotations)) return undefined;
  return Object.hasOwn(annotations, name) ? annotations[name] : undefined;
}

/** A whole number of at most nine digits; undefined for any other text. */
export function parseInteger(text: string): number | undefined {
  const trimmed = text.trim();
  return /^[+-]?\d{1,9}$/.test(trimmed) ? Number(trimmed) : undefined;
}
