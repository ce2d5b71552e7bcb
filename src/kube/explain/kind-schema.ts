import { isObject, listOf, objectOf, textOf } from '../../model/json.ts';
import type { JsonObject } from '../../model/object.ts';
import type { StatusCause } from '../client/api-error.ts';
import type { KubeClient } from '../client/client.ts';
import type { Resource } from '../discovery/resource.ts';

/** The API server's schema of one kind. It is empty if it cannot be read. */
export interface KindSchema {
  /** The names of the fields at a path, for "did you mean". */
  fieldsAt(path: string): Promise<string[]>;
  /** The transition rule of a CRD that caused this refusal; undefined if no rule did. */
  transitionRule(cause: StatusCause): Promise<string | undefined>;
}

/** For requests that send no object. */
export const noSchema: KindSchema = { fieldsAt: async () => [], transitionRule: async () => undefined };

/**
 * Reads the server's OpenAPI v3 document of the kind's group and version at the first call. It is needed only if an
 * object is refused, so it is not cached any longer.
 */
export function kindSchemaOf(client: KubeClient, resource: Resource, signal?: AbortSignal): KindSchema {
  const { group, version } = resource;
  const at = group === '' ? `api/${version}` : `apis/${group}/${version}`;
  let reading: Promise<JsonObject> | undefined;
  const document = () => {
    reading ??= client.request({ path: `/openapi/v3/${at}`, signal }).then(
      ({ body }) => body,
      () => ({}),
    );
    return reading;
  };
  return {
    fieldsAt: async (path) => fieldsAt(await document(), resource, path),
    transitionRule: async (cause) => transitionRule(await document(), resource, cause),
  };
}

/** Names of the fields that the schema declares at a path such as `spec.template.spec.containers[name="app"]`. */
export function fieldsAt(document: JsonObject, resource: Resource, path: string): string[] {
  const last = schemasTo(document, resource, path).at(-1);
  return Object.keys(objectOf(last?.properties));
}

/** https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#transition-rules */
export function transitionRule(
  document: JsonObject,
  resource: Resource,
  { field = '', message = '' }: StatusCause,
): string | undefined {
  const rules = schemasTo(document, resource, field)
    .flatMap((schema) => listOf(schema['x-kubernetes-validations']))
    .filter(isObject);
  const found = rules.find((one) => {
    const rule = textOf(one.rule);
    return /\boldSelf\b/.test(rule) && message.endsWith(textOf(one.message) || `failed rule: ${rule}`);
  });
  return found && textOf(found.rule);
}

/** The schemas along a path, that of the whole object first. */
function schemasTo(document: JsonObject, resource: Resource, path: string): JsonObject[] {
  const schemas = objectOf(objectOf(document.components).schemas);
  const root = Object.values(schemas).find((schema) => isSchemaOf(schema, resource));
  if (!isObject(root)) return [];
  const steps = path
    .replace(/\[[^\]]*\]/g, '[]')
    .split('.')
    .filter(Boolean);
  const schemasOnPath: JsonObject[] = [root];
  for (const step of steps) {
    const field = objectOf(objectOf(schemasOnPath.at(-1)?.properties)[step.replaceAll('[]', '')]);
    schemasOnPath.push(resolve(field, schemas));
    if (step.endsWith('[]')) schemasOnPath.push(resolve(objectOf(schemasOnPath.at(-1)?.items), schemas));
  }
  return schemasOnPath;
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

/** A reference is the whole schema or, if it has a default, in `allOf`. */
function resolve(schema: JsonObject, schemas: JsonObject): JsonObject {
  const reference = textOf(schema.$ref) || textOf(objectOf(listOf(schema.allOf)[0]).$ref);
  return reference === '' ? schema : objectOf(schemas[reference.slice(reference.lastIndexOf('/') + 1)]);
}
