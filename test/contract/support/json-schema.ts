/** A piece of an OpenAPI document. */
export type Json = { readonly [key: string]: unknown };

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const orNull = (schema: Json): Json => {
  const { nullable: _nullable, ...rest } = schema;
  return { anyOf: [rest, { type: 'null' }] };
};

/** GitHub describes some addresses as `format: uri` with `default: ""`, and does return the empty string. */
const orDefault = (schema: Json): Json =>
  schema.format === 'uri' && schema.default === '' ? { anyOf: [schema, { const: '' }] } : schema;

/** OpenAPI 3.0 writes "or null" as `nullable`, which JSON Schema does not have. */
export const toJsonSchema = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(toJsonSchema);
  if (!isObject(value)) return value;
  const entries = Object.entries(value)
    .filter(([key]) => key !== 'example' && key !== 'examples')
    .map(([key, inner]): [string, unknown] => [key, toJsonSchema(inner)]);
  const schema: Json = Object.fromEntries(entries);
  return schema.nullable === true ? orNull(schema) : orDefault(schema);
};

const PREFIX = '#/components/schemas/';

const collect = (value: unknown, found: Set<string>, schemas: Json): void => {
  if (Array.isArray(value)) {
    for (const item of value) collect(item, found, schemas);
    return;
  }
  if (!isObject(value)) return;
  const ref = value.$ref;
  if (typeof ref === 'string' && ref.startsWith(PREFIX) && !found.has(ref.slice(PREFIX.length))) {
    const name = ref.slice(PREFIX.length);
    found.add(name);
    collect(schemas[name], found, schemas);
  }
  for (const inner of Object.values(value)) collect(inner, found, schemas);
};

/** A schema with only those of the document's schemas that it refers to: compiling all of them takes seconds. */
export const closeOver = (schema: Json, schemas: Json): Json => {
  const found = new Set<string>();
  collect(schema, found, schemas);
  const reached = [...found].map((name): [string, unknown] => [name, toJsonSchema(schemas[name])]);
  const closed = toJsonSchema(schema);
  return { ...(isObject(closed) ? closed : {}), components: { schemas: Object.fromEntries(reached) } };
};
