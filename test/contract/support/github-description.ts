import { readFile } from 'node:fs/promises';
import { Ajv, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';
import type { RecordedRequest } from '../../../sandbox/forge/protocol.ts';
import { fetchDescription } from './fetch-description.ts';
import { closeOver, isObject, type Json } from './json-schema.ts';
import { findOperation, jsonSchemaOf, type Operation, resolvePointer } from './operations.ts';

export interface Call {
  method: string;
  /** Below the API's root: `/repos/acme/loans/statuses/<sha>`. */
  path: string;
  query: Record<string, unknown>;
  body: unknown;
}

/** GitHub's published API description. Both checks return the violations, one sentence each; none if all is right. */
export interface GithubDescription {
  validateRequest(call: Call): string[];
  validateResponse(call: Call, response: { status: number; body: unknown }): string[];
  /** Both, for a call that the sandbox's forge recorded. */
  validate(recorded: RecordedRequest): string[];
}

type Check = (schema: Json, value: unknown) => string[];

const createCheck = (schemas: Json): Check => {
  const ajv = new Ajv({ strict: false, allErrors: true, logger: false });
  formats.default(ajv);
  const compiled = new Map<Json, ValidateFunction>();
  return (schema, value) => {
    const validate = compiled.get(schema) ?? ajv.compile(closeOver(schema, schemas));
    compiled.set(schema, validate);
    if (validate(value)) return [];
    return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath || '/'} ${message}`);
  };
};

const numberOr = (value: unknown): unknown => {
  const asNumber = Number(value);
  return typeof value === 'string' && value !== '' && !Number.isNaN(asNumber) ? asNumber : value;
};

const checkQuery = (document: Json, operation: Operation, query: Call['query'], check: Check): string[] => {
  const listed = Array.isArray(operation.definition.parameters) ? operation.definition.parameters : [];
  const parameters = listed
    .map((each) => resolvePointer(document, each))
    .filter((each) => each.in === 'query');
  const known = new Map(
    parameters.map((each) => [String(each.name), isObject(each.schema) ? each.schema : {}]),
  );
  return Object.entries(query).flatMap(([name, value]) => {
    const schema = known.get(name);
    if (schema === undefined) return [`?${name} is no parameter`];
    const errors = check(schema, schema.type === 'integer' ? numberOr(value) : value);
    return errors.map((error) => `?${name} ${error}`);
  });
};

/** The description allows bodies to have other keys, but a key that it does not name is a mistake of Slipway. */
const unknownKeys = (schema: Json, body: unknown): string[] => {
  const { properties } = schema;
  if (!isObject(properties) || !isObject(body)) return [];
  return Object.keys(body)
    .filter((key) => !(key in properties))
    .map((key) => `body has an unknown key ${key}`);
};

const checkBody = (document: Json, operation: Operation, body: unknown, check: Check): string[] => {
  const schema = jsonSchemaOf(document, operation.definition.requestBody);
  if (schema === null) return body === null ? [] : ['a body where none is described'];
  const { required } = resolvePointer(document, operation.definition.requestBody);
  if (body === null) return required === true ? ['the body is missing'] : [];
  return [...check(schema, body), ...unknownKeys(schema, body)].map((error) => `request: ${error}`);
};

/** Errors that an operation does not list have GitHub's common form. */
const responseSchema = (document: Json, operation: Operation, status: number): Json | string => {
  const { responses } = operation.definition;
  const listed = isObject(responses) ? responses[String(status)] : undefined;
  if (listed !== undefined) return jsonSchemaOf(document, listed) ?? {};
  return status >= 400
    ? { $ref: '#/components/schemas/basic-error' }
    : `response: ${status} is not described`;
};

/** Reads the description, which is downloaded into the cache once. */
export const loadGithubDescription = async (): Promise<GithubDescription> => {
  const document = JSON.parse(await readFile(await fetchDescription(), 'utf8')) as Json;
  const components = resolvePointer(document, document.components);
  const paths = resolvePointer(document, document.paths);
  const check = createCheck(resolvePointer(document, components.schemas));

  const withOperation = (call: Call, then: (operation: Operation) => string[]): string[] => {
    const operation = findOperation(paths, call.method, call.path);
    if (operation === null) return [`${call.method} ${call.path} is not described`];
    return then(operation).map((error) => `${operation.name}: ${error}`);
  };
  const validateRequest: GithubDescription['validateRequest'] = (call) =>
    withOperation(call, (operation) => [
      ...checkQuery(document, operation, call.query, check),
      ...checkBody(document, operation, call.body, check),
    ]);
  const validateResponse: GithubDescription['validateResponse'] = (call, response) =>
    withOperation(call, (operation) => {
      const schema = responseSchema(document, operation, response.status);
      return typeof schema === 'string'
        ? [schema]
        : check(schema, response.body).map((error) => `response: ${error}`);
    });
  return {
    validateRequest,
    validateResponse,
    validate: (recorded) => [
      ...validateRequest(recorded),
      ...validateResponse(recorded, { status: recorded.status, body: recorded.response }),
    ],
  };
};
