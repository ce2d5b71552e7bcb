import type { JsonObject } from '../../../src/model/object.ts';

/** A CustomResourceDefinition of a namespaced kind that takes any spec and status. */
export function definition(kind: string, plural: string, group: string): JsonObject {
  const open = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  const schema = { openAPIV3Schema: { type: 'object', properties: { spec: open, status: open } } };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
      versions: [{ name: 'v1', served: true, storage: true, schema, subresources: { status: {} } }],
    },
  };
}

export function definitionPath(plural: string, group: string): string {
  return `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${plural}.${group}`;
}
