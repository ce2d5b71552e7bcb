import type { ObjectRef } from '../../model/object.ts';

/** How the cluster serves one kind in one version. */
export interface Resource {
  group: string;
  version: string;
  kind: string;
  /** Plural, as in paths: `deployments`. */
  resource: string;
  namespaced: boolean;
  verbs: string[];
  /** Whether the kind has a status that its controller writes by itself; undefined: not known. */
  hasStatus?: boolean | undefined;
}

/** Path of a kind's collection in a namespace, or in the whole cluster. */
export function collectionPath(resource: Resource, namespace?: string | undefined): string {
  const { group, version } = resource;
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  const scope =
    resource.namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  return `${root}${scope}/${resource.resource}`;
}

/** Path of one object in the version of `resource`. */
export function objectPath(resource: Resource, ref: Pick<ObjectRef, 'namespace' | 'name'>): string {
  return `${collectionPath(resource, ref.namespace)}/${encodeURIComponent(ref.name)}`;
}
