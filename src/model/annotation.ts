import type { JsonValue, KubeObject } from './object.ts';

/** The text of an annotation; undefined where there is none, or where it is no text. */
export function annotationOf(object: KubeObject, name: string): string | undefined {
  const value = rawAnnotation(object, name);
  return typeof value === 'string' ? value : undefined;
}

export function rawAnnotation(object: KubeObject, name: string): JsonValue | undefined {
  const { annotations } = object.metadata;
  if (typeof annotations !== 'object' || annotations === null || Array.isArray(annotations)) return undefined;
  return Object.hasOwn(annotations, name) ? annotations[name] : undefined;
}

export function integerOf(text: string): number | undefined {
  const trimmed = text.trim();
  return /^[+-]?\d{1,9}$/.test(trimmed) ? Number(trimmed) : undefined;
}
