import type { KubeObject } from '../model/object.ts';

/**
 * What an object must be before any rule can be asked about it: its identity becomes part of a request's address, so
 * it may hold nothing that would lead to another address.
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

// The values come from YAML that a stranger wrote: their types are what the schema of a manifest only promises.
function isSegment(value: unknown): boolean {
  return typeof value === 'string' && /^(?!\.{1,2}$)[^/%\s\p{Cc}]{1,253}$/u.test(value);
}

function isLabel(value: unknown): boolean {
  return typeof value === 'string' && /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(value);
}
