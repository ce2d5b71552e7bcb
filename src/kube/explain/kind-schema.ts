import type { JsonObject } from '../../model/object.ts';
import type { KubeClient } from '../client/client.ts';
import type { Resource } from '../discovery/resource.ts';
import { isObject, listOf, objectOf, textOf } from '../json.ts';
import type { KnownFields } from './explain.ts';

/**
 * Reads the field names from the server's OpenAPI v3 document of the kind's group and version. Only ever asked for
 * when an object was refused, so nothing is kept; where the document cannot be had there is just no suggestion.
 */
export function knownFieldsOf(client: KubeClient, resource: Resource, signal?: AbortSignal): KnownFields {
  return async (path) => {
    try {
      const { group, version } = resource;
      const at = group === '' ? `api/${version}` : `apis/${group}/${version}`;
      const answer = await client.request({ path: `/openapi/v3/${at}`, signal });
      return fieldsAt(answer.body, resource, path);
    } catch {
      return [];
    }
  };
}

/** Names of the fields that the schema declares at a path such as `spec.template.spec.containers[name="app"]`. */
export function fieldsAt(document: JsonObject, resource: Resource, path: string): string[] {
  const schemas = objectOf(objectOf(document.components).schemas);
  const root = Object.values(schemas).find((schema) => isSchemaOf(schema, resource));
  if (!isObject(root)) return [];
  const steps = path
    .replace(/\[[^\]]*\]/g, '[]')
    .split('.')
    .filter(Boolean);
  let current: JsonObject = root;
  for (const step of steps) {
    current = resolve(objectOf(objectOf(current.properties)[step.replace('[]', '')]), schemas);
    if (step.endsWith('[]')) current = resolve(objectOf(current.items), schemas);
  }
  return Object.keys(objectOf(current.properties));
}

function isSchemaOf(schema: unknown, resource: Resource): boolean {
  if (!isObject(schema)) return false;
  return listOf(schema['x-kubernetes-group-version-kind']).some(
    (entry) =>
      isObject(entry) &&
      entry.group === resource.group &&
      entry.version === resource.version &&
      entry.kind === resource.kind,
  );
}

/** A reference stands alone or, with a default beside it, in `allOf`. */
function resolve(schema: JsonObject, schemas: JsonObject): JsonObject {
  const reference = textOf(schema.$ref) || textOf(objectOf(listOf(schema.allOf)[0]).$ref);
  return reference === '' ? schema : objectOf(schemas[reference.slice(reference.lastIndexOf('/') + 1)]);
}
