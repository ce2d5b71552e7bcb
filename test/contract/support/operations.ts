import { isObject, type Json } from './json-schema.ts';

export interface Operation {
  /** `POST /repos/{owner}/{repo}/statuses/{sha}` */
  name: string;
  definition: Json;
}

const isPlaceholder = (segment: string): boolean => segment.startsWith('{');

const fits = (template: string, segments: readonly string[]): boolean => {
  const wanted = template.split('/');
  return (
    wanted.length === segments.length &&
    wanted.every((segment, index) => isPlaceholder(segment) || segment === segments[index])
  );
};

const placeholders = (template: string): number => template.split('/').filter(isPlaceholder).length;

/** The operation that a request calls, or null. If two templates match, the one with more fixed segments wins. */
export const findOperation = (paths: Json, method: string, path: string): Operation | null => {
  const segments = path.split('/');
  const [template] = Object.keys(paths)
    .filter((candidate) => fits(candidate, segments))
    .sort((a, b) => placeholders(a) - placeholders(b));
  const item = template === undefined ? undefined : paths[template];
  const definition = isObject(item) ? item[method.toLowerCase()] : undefined;
  return isObject(definition) ? { name: `${method} ${template}`, definition } : null;
};

/** The value at a pointer such as `#/components/parameters/page`. */
export const resolvePointer = (document: Json, value: unknown): Json => {
  if (!isObject(value)) return {};
  if (typeof value.$ref !== 'string') return value;
  const target = value.$ref
    .slice(2)
    .split('/')
    .reduce<unknown>((inside, key) => (isObject(inside) ? inside[key] : undefined), document);
  return isObject(target) ? target : {};
};

/** The schema of a JSON body of a request or response; null if the description has none. */
export const jsonSchemaOf = (document: Json, holder: unknown): Json | null => {
  const { content } = resolvePointer(document, holder);
  const json = isObject(content) ? content['application/json'] : undefined;
  const schema = isObject(json) ? json.schema : undefined;
  return isObject(schema) ? schema : null;
};
