import { isObject, listOf, objectOf, textOf } from '../../model/json.ts';
import type { JsonObject } from '../../model/object.ts';
import type { StatusCause } from '../client/api-error.ts';
import type { KubeClient } from '../client/client.ts';
import type { Resource } from '../discovery/resource.ts';

/** What the API server's schema says of one kind; nothing where it cannot be had. */
export interface KindSchema {
  /** Names of the fields that it has at a path, for "did you mean". */
  fieldsAt(path: string): Promise<string[]>;
  /** The rule that compares a field with what it was and has said this, as authors of CRDs write them. */
  transitionRule(cause: StatusCause): Promise<string | undefined>;
}

/** For a refusal that is not about the object's form. */
export const noSchema: KindSchema = { fieldsAt: async () => [], transitionRule: async () => undefined };

/**
 * Reads the server's OpenAPI v3 document of the kind's group and version. Only ever asked for when an object was
 * refused, so it is not kept for longer than that.
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
  const said = rules.find((one) => {
    const rule = textOf(one.rule);
    return /\boldSelf\b/.test(rule) && message.endsWith(textOf(one.message) || `failed rule: ${rule}`);
  });
  return said && textOf(said.rule);
}

/** The schemas on the way to a path, that of the whole object first. */
function schemasTo(document: JsonObject, resource: Resource, path: string): JsonObject[] {
  const schemas = objectOf(objectOf(document.components).schemas);
  const root = Object.values(schemas).find((schema) => isSchemaOf(schema, resource));
  if (!isObject(root)) return [];
  const steps = path
    .replace(/\[[^\]]*\]/g, '[]')
    .split('.')
    .filter(Boolean);
  const way: JsonObject[] = [root];
  for (const step of steps) {
    const field = objectOf(objectOf(way.at(-1)?.properties)[step.replaceAll('[]', '')]);
    way.push(resolve(field, schemas));
    if (step.endsWith('[]')) way.push(resolve(objectOf(way.at(-1)?.items), schemas));
  }
  return way;
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
