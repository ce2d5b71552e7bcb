import type { SourcePlace } from './source-place.ts';

export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };
export type JsonObject = { [key: string]: JsonValue };

/** A Kubernetes object as rendered, or as the API server returned it: raw JSON with every field. */
export interface KubeObject extends JsonObject {
  apiVersion: string;
  kind: string;
  metadata: JsonObject & { name?: string; generateName?: string; namespace?: string };
}

/** An object with the file that it was rendered from. */
export interface RenderedObject {
  object: KubeObject;
  /** The file in the repository; `line` is where the document starts, if the renderer knows it. */
  source: SourcePlace;
}

/** Identity of an object on a cluster. `namespace` is undefined for cluster-scoped objects. */
export interface ObjectRef {
  group: string;
  version: string;
  kind: string;
  namespace?: string | undefined;
  name: string;
}

export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? '' : apiVersion.slice(0, slash);
}

export function versionOf(apiVersion: string): string {
  return apiVersion.slice(apiVersion.indexOf('/') + 1);
}

export function refOf(object: KubeObject): ObjectRef {
  return {
    group: groupOf(object.apiVersion),
    version: versionOf(object.apiVersion),
    kind: object.kind,
    namespace: object.metadata.namespace,
    name: object.metadata.name ?? '',
  };
}

/** Equal for the same object in every API version. */
export function refKey(ref: ObjectRef): string {
  return `${ref.group}/${ref.kind}/${ref.namespace ?? ''}/${ref.name}`;
}

/** `Deployment loans/loan-service`, for people. */
export function describeRef(ref: ObjectRef): string {
  return `${ref.kind} ${ref.namespace ? `${ref.namespace}/` : ''}${ref.name}`;
}

/** `Kind.group`, as the ApplySet specification writes it; the core group has no dot. */
export function groupKind(ref: { group: string; kind: string }): string {
  return ref.group === '' ? ref.kind : `${ref.kind}.${ref.group}`;
}
