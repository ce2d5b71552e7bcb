import { isObject, listOf, objectOf } from '../../model/json.ts';
import { groupOf, type JsonObject, type KubeObject } from '../../model/object.ts';
import { KubeApiError } from '../client/api-error.ts';
import { undeclaredFields } from './invalid.ts';

/** Statuses with which the API server refuses an object's content: malformed, unknown fields (500), invalid values. */
const contentCodes = [400, 422, 500];

/**
 * Whether an object that was refused may fit the schema that comes with the same change: the API server has refused its
 * content, and the new definition declares every field that the refusal calls unknown. Whether its values fit, only the
 * API server can tell.
 */
export function mayFitNewSchema(refusal: unknown, object: KubeObject, definition: KubeObject): boolean {
  if (!(refusal instanceof KubeApiError) || !contentCodes.includes(refusal.apiStatus.code)) return false;
  const unknown = undeclaredFields(refusal.apiStatus.message);
  const schema = schemaOf(definition, object.apiVersion);
  if (unknown === undefined) return refusal.apiStatus.code === 422;
  return schema === undefined || unknown.every((path) => declares(schema, path));
}

/** The schema of a version; undefined: the definition has none for it. */
function schemaOf({ spec }: KubeObject, apiVersion: string): JsonObject | undefined {
  const version = apiVersion.slice(groupOf(apiVersion).length).replace(/^\//, '');
  const found = listOf(objectOf(spec).versions).find((one) => isObject(one) && one.name === version);
  const { openAPIV3Schema } = objectOf(objectOf(found).schema);
  return isObject(openAPIV3Schema) ? openAPIV3Schema : undefined;
}

/** Whether a structural schema declares the field at a path such as `.spec.rules[name="a"].host`. */
function declares(root: JsonObject, path: string): boolean {
  const steps = path
    .replace(/\[[^\]]*\]/g, '.[]')
    .split('.')
    .filter(Boolean);
  let schema: JsonObject = root;
  for (const step of steps) {
    if (schema['x-kubernetes-preserve-unknown-fields'] === true) return true;
    const { properties, additionalProperties, items } = schema;
    const next = step === '[]' ? items : (objectOf(properties)[step] ?? additionalProperties);
    if (!isObject(next)) return next === true;
    schema = next;
  }
  return true;
}
