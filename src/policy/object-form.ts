import { groupOf, type KubeObject, type ObjectRef, versionOf } from '../model/object.ts';

/**
 * What is wrong with an object's identity; undefined if nothing is. The identity becomes part of a request's path, so
 * it must not contain anything that leads to another path.
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#path-segment-names
 */
export function formMistake(object: KubeObject): string | undefined {
  if (!/^([a-z0-9]([a-z0-9.-]*[a-z0-9])?\/)?v[a-z0-9]+$/.test(object.apiVersion)) {
    return `apiVersion "${object.apiVersion}" is not <group>/<version> or <version>`;
  }
  if (!/^[A-Za-z][A-Za-z0-9]*$/.test(object.kind)) return `kind "${object.kind}" is not the name of a kind`;
  const { name, generateName, namespace } = object.metadata;
  if (!isSegment(name) && !(name === undefined && isSegment(generateName)))
    return 'metadata.name is missing or invalid';
  const isNamespace = namespace === undefined || namespace === null || namespace === '' || isLabel(namespace);
  return isNamespace ? undefined : 'metadata.namespace is not the name of a namespace';
}

/** The identity of a malformed object for people: what is not a text is left out. */
export function safeRef({ apiVersion, kind, metadata }: KubeObject): ObjectRef {
  const text = (value: unknown) => (typeof value === 'string' ? value.slice(0, 253) : undefined);
  const version = text(apiVersion) ?? '';
  return {
    group: groupOf(version),
    version: versionOf(version),
    kind: text(kind) ?? '',
    namespace: text(metadata.namespace) || undefined,
    name: text(metadata.name) ?? '',
  };
}

// The values come from YAML that a stranger wrote: nobody has checked their types.
function isSegment(value: unknown): boolean {
  return typeof value === 'string' && /^(?!\.{1,2}$)[^/%\s\p{Cc}]{1,253}$/u.test(value);
}

function isLabel(value: unknown): boolean {
  return typeof value === 'string' && /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(value);
}
