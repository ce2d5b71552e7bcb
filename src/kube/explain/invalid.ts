import { isDeletionProtected } from '../../model/deletion-protected.ts';
import { type FieldPath, formatFieldPath } from '../../model/field-path.ts';
import type { KubeObject } from '../../model/object.ts';
import type { ApiStatus, StatusCause } from '../client/api-error.ts';
import { didYouMean } from './did-you-mean.ts';
import type { Explanation, RefusedRequest } from './explanation.ts';
import { obstaclesOf } from './immutable.ts';
import type { KindSchema } from './kind-schema.ts';
import { namedPath } from './named-path.ts';
import { isPortName, nameConflict } from './ports.ts';
import { wrongQuantities } from './quantities.ts';

/** Explains refusals of an object's content: unknown fields, wrong types and values, immutable fields, its size. */
export async function explainInvalid(
  status: ApiStatus,
  request: RefusedRequest,
  schema: KindSchema,
): Promise<Explanation | undefined> {
  const problems = schemaProblems(status.message);
  if (problems) {
    const what = await Promise.all(problems.map((line) => schemaProblem(line, schema)));
    return { code: 'OBJECT_INVALID', what: what.join('; ') };
  }
  if (status.code === 422) return tooLargeForKind(status, request) ?? invalidValues(status, request, schema);
  if (status.code === 413 || /request is too large|Request entity too large/i.test(status.message))
    return tooLarge(request);
  if (status.code === 400 || (status.code === 500 && /^failed to /.test(status.message)))
    return badRequest(status, request);
  return undefined;
}

/** The paths of the fields that a refusal calls unknown, if that is all that it says; else undefined. */
export function undeclaredFields(message: string): string[] | undefined {
  const unknown = /^\.?(.*?): field not declared in schema$/s;
  const paths = schemaProblems(message)?.map((line) => unknown.exec(line)?.[1]);
  return paths?.every((path) => path !== undefined) ? paths : undefined;
}

function schemaProblems(message: string): string[] | undefined {
  const match = /^failed to create typed patch object \([^)]*\): (.*)$/s.exec(message);
  if (!match) return undefined;
  const lines = (match[1] ?? '').split('\n').map((line) => line.trim());
  return lines.filter((line) => line !== '' && line !== 'errors:');
}

async function schemaProblem(line: string, schema: KindSchema): Promise<string> {
  const match =
    /^\.?(.*?): (field not declared in schema|duplicate entries for key (\[.*\])|expected .*)$/s.exec(line);
  if (!match) return line;
  const [, path = '', problem = '', key] = match;
  const where = path.replaceAll('"', '');
  if (key) return `${where} has two entries with ${key.slice(1, -1).replaceAll('"', '')}`;
  if (problem.startsWith('expected')) {
    // The usual cause: YAML does not read 8080 and true as strings.
    const isScalar = /^expected string, got .*Value:(?!map\[|\[)/s.test(problem);
    const quotes = isScalar ? '; put the value in quotes' : '';
    return `${where}: ${problem.replace(/, got &.*$/s, '')}${quotes}`;
  }
  return `${where} is not a field${await didYouMean(path, schema)}`;
}

async function invalidValues(
  status: ApiStatus,
  request: RefusedRequest,
  schema: KindSchema,
): Promise<Explanation> {
  const { fixed, others } = await obstaclesOf(status, request.object, request.live, schema);
  const wrong = others.map((cause) => describeCause(cause, request)).join('; ');
  if (fixed.length === 0) {
    return { code: 'OBJECT_INVALID', what: wrong, hint: leftOutHint(others, request.ignored ?? []) };
  }
  const option = isDeletionProtected(request.object)
    ? ''
    : '; set slipway.dev/recreate: allowed, or rename it';
  return {
    code: 'OBJECT_INVALID',
    what: [`${fixed.join('; ')}${option}`, ...(wrong === '' ? [] : [wrong])].join('; '),
    hint: fixedHint(request.object, fixed),
  };
}

function fixedHint(object: KubeObject, fixed: string[]): string {
  if (isDeletionProtected(object))
    return 'Restore the old value. Slipway never recreates an object of this kind, because its data would be lost.';
  const claims = fixed.some((text) => text.includes('spec.volumeClaimTemplates'))
    ? ' Its existing claims keep their size, unless slipway.dev/grow-claims: allowed lets the release grow them.'
    : '';
  return `Restore the old value; or set the annotation, and the release deletes and recreates the object.${claims}`;
}

/** The hint if the API server requires a field that was left out because of `ignore`. */
function leftOutHint(causes: StatusCause[], ignored: FieldPath[]): string | undefined {
  const required = ignored.find((path) =>
    causes.some(({ field }) => field !== undefined && isSameField(path, field)),
  );
  if (!required) return undefined;
  return `ignore in slipway.yaml leaves out ${formatFieldPath(required)}: remove that entry, or let the other manager set the field first.`;
}

/** Compares only the names of fields, because the API server names list entries by index and `ignore` by key. */
function isSameField(path: FieldPath, field: string): boolean {
  const names = path.flatMap((step) => (step.kind === 'key' ? [step.key] : []));
  return names.join('.') === field.replaceAll(/\[\d+\]/g, '').replaceAll(/\[([^\]]*)\]/g, '.$1');
}

function describeCause(
  { field, message = 'is not valid' }: StatusCause,
  { object, live }: RefusedRequest,
): string {
  if (field === undefined) return message;
  const name = /^Duplicate value: "([^"]*)"/.exec(message)?.[1];
  const taken = live && name && isPortName(field, message) && nameConflict(field, name, object, live);
  return `${namedPath(field, object)}: ${taken || message}`;
}

const splitHint =
  'Split it, or store the content elsewhere: in a volume, an object store, or the image that reads it.';

function tooLarge({ object }: RefusedRequest): Explanation {
  const megabytes = (Buffer.byteLength(JSON.stringify(object)) / 1_000_000).toFixed(1);
  return {
    code: 'OBJECT_INVALID',
    what: `it is too large: it has ${megabytes} MB, and etcd accepts about 1.5 MB`,
    hint: splitHint,
  };
}

/** ConfigMaps and Secrets have their own size limit. The API server reports it without the name of a field. */
function tooLargeForKind({ causes }: ApiStatus, { ref }: RefusedRequest): Explanation | undefined {
  if (!['ConfigMap', 'Secret'].includes(ref.kind) || ref.group !== '') return undefined;
  const bytes = causes
    .map(({ message }) => /^Too long: may not be more than (\d+) bytes/.exec(message ?? '')?.[1])
    .find((found) => found !== undefined);
  if (bytes === undefined) return undefined;
  const what = `it is too large: a ${ref.kind} may hold ${bytes} bytes`;
  return { code: 'OBJECT_INVALID', what, hint: splitHint };
}

function badRequest(status: ApiStatus, { object }: RefusedRequest): Explanation {
  const code = 'OBJECT_INVALID';
  if (/illegal base64 data/.test(status.message)) {
    const hint = 'Encode it with base64, or write the plain text under stringData.';
    return { code, what: 'a value under data is not base64', hint };
  }
  if (status.message.includes('managedFields must be nil')) {
    return { code, what: 'it has metadata.managedFields', hint: 'Remove metadata.managedFields.' };
  }
  const wrong = wrongQuantities(object);
  if (/quantities must match the regular expression/.test(status.message) && wrong.length > 0) {
    return {
      code,
      what: wrong.join('; '),
      hint: 'Write a number with an optional unit, such as 500m, 2 or 1Gi.',
    };
  }
  const reason = status.message.replace(/^failed to [^:]*: /, '');
  return { code, what: reason.replace(/^unable to convert unstructured object to [^:]*: /, '') };
}
