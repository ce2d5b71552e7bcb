import { groupKind, groupOf, type KubeObject, type RenderedObject } from '../model/object.ts';
import type { Cluster } from '../ports/cluster.ts';

/** Whether an object's kind lives in namespaces; undefined if the kind is unknown. */
export type ScopeOf = (object: KubeObject) => Promise<boolean | undefined>;

/**
 * Asks the cluster first, and the app's own CustomResourceDefinitions only for kinds that the cluster does not know. In
 * this order an app cannot declare a cluster-scoped kind of the cluster namespaced.
 */
export function scopeOf(objects: RenderedObject[], cluster: Pick<Cluster, 'isNamespaced'>): ScopeOf {
  const defined = definedScopes(objects);
  const asked = new Map<string, Promise<boolean | undefined>>();
  return async (object) => {
    const ref = { group: groupOf(object.apiVersion), kind: object.kind };
    const key = groupKind(ref);
    const response = asked.get(key) ?? cluster.isNamespaced(ref.group, ref.kind);
    asked.set(key, response);
    return (await response) ?? defined.get(key);
  };
}

function definedScopes(objects: RenderedObject[]): Map<string, boolean> {
  const scopes = new Map<string, boolean>();
  for (const { object } of objects) {
    if (groupOf(object.apiVersion) !== 'apiextensions.k8s.io' || object.kind !== 'CustomResourceDefinition')
      continue;
    const group = at(object, 'spec', 'group');
    const kind = at(object, 'spec', 'names', 'kind');
    const scope = at(object, 'spec', 'scope');
    if (typeof group !== 'string' || typeof kind !== 'string') continue;
    if (scope === 'Namespaced' || scope === 'Cluster')
      scopes.set(groupKind({ group, kind }), scope === 'Namespaced');
  }
  return scopes;
}

function at(root: unknown, ...path: string[]): unknown {
  let value = root;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = Reflect.get(value, key);
  }
  return value;
}
