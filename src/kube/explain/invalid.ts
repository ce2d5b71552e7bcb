import { isDeletionProtected } from '../../model/deletion-protected.ts';
import { type FieldPath, formatFieldPath } from '../../model/field-path.ts';
import type { ApiStatus, StatusCause } from '../client/api-error.ts';
import { didYouMean } from './did-you-mean.ts';
import type { Asked, Explanation } from './explanation.ts';
import { obstaclesOf } from './immutable.ts';
import type { KindSchema } from './kind-schema.ts';
import { namedPath } from './named-path.ts';
import { isPortName, whoseName } from './ports.ts';
import { wrongQuantities } from './quantities.ts';

/** Refusals of the object's form: its fields, their types and values, and what cannot be changed any more. */
export async function explainInvalid(
  status: ApiStatus,
  asked: Asked,
  schema: KindSchema,
): Promise<Explanation | undefined> {
  const problems = schemaProblems(status.message);
  if (problems) {
    const what = await Promise.all(problems.map((line) => schemaProblem(line, schema)));
    return { code: 'OBJECT_INVALID', what: what.join('; ') };
  }
  if (status.code === 422) return beyondItsKind(status, asked) ?? invalidValues(status, asked, schema);
  if (status.code === 413 || /request is too large|Request entity too large/i.test(status.message))
    return tooLarge(asked);
  if (status.code === 400 || (status.code === 500 && /^failed to /.test(status.message)))
    return badRequest(status, asked);
  return undefined;
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
    // YAML reads 8080 and true as no text: mostly it is that.
    const isScalar = /^expected string, got .*Value:(?!map\[|\[)/s.test(problem);
    const quotes = isScalar ? '; put the value in quotes' : '';
    return `${where}: ${problem.replace(/, got &.*$/s, '')}${quotes}`;
  }
  return `${where} is not a field${await didYouMean(path, schema)}`;
}

async function invalidValues(status: ApiStatus, asked: Asked, schema: KindSchema): Promise<Explanation> {
  const { fixed, others } = await obstaclesOf(status, asked.object, asked.live, schema);
  const wrong = others.map((cause) => describeCause(cause, asked)).join('; ');
  if (fixed.length === 0) {
    return { code: 'OBJECT_INVALID', what: wrong, hint: leftOutHint(others, asked.ignored ?? []) };
  }
  const may = isDeletionProtected(asked.object) ? '' : '; set slipway.dev/recreate: allowed, or rename it';
  return {
    code: 'OBJECT_INVALID',
    what: [`${fixed.join('; ')}${may}`, ...(wrong === '' ? [] : [wrong])].join('; '),
    hint: isDeletionProtected(asked.object)
      ? 'Put the old value back. Slipway never deletes such an object to make it anew: what it holds would be lost.'
      : 'Put the old value back; or with the annotation the release deletes the object and makes it anew.',
  };
}

/** The API server misses a field that was left out on purpose. */
function leftOutHint(causes: StatusCause[], ignored: FieldPath[]): string | undefined {
  const missed = ignored.find((path) =>
    causes.some(({ field }) => field !== undefined && leadsTo(path, field)),
  );
  if (!missed) return undefined;
  return `ignore in slipway.yaml leaves ${formatFieldPath(missed)} out: take it out there, or have it set by those it is left to.`;
}

/** The API server counts the entries of lists that people name by key: only the names of fields are compared. */
function leadsTo(path: FieldPath, field: string): boolean {
  const names = path.flatMap((step) => (step.kind === 'key' ? [step.key] : []));
  return names.join('.') === field.replaceAll(/\[\d+\]/g, '').replaceAll(/\[([^\]]*)\]/g, '.$1');
}

function describeCause({ field, message = 'is not valid' }: StatusCause, { object, live }: Asked): string {
  if (field === undefined) return message;
  const name = /^Duplicate value: "([^"]*)"/.exec(message)?.[1];
  const taken = live && name && isPortName(field, message) && whoseName(field, name, object, live);
  return `${namedPath(field, object)}: ${taken || message}`;
}

const splitHint =
  'Split it, or keep the content elsewhere: in a volume, an object store, or the image of who reads it.';

function tooLarge({ object }: Asked): Explanation {
  const megabytes = (Buffer.byteLength(JSON.stringify(object)) / 1_000_000).toFixed(1);
  return {
    code: 'OBJECT_INVALID',
    what: `it is too large: it has ${megabytes} MB, and etcd takes about 1.5 MB`,
    hint: splitHint,
  };
}

/** ConfigMaps and Secrets have a limit of their own, which the API server says of a field without a name. */
function beyondItsKind({ causes }: ApiStatus, { ref }: Asked): Explanation | undefined {
  if (!['ConfigMap', 'Secret'].includes(ref.kind) || ref.group !== '') return undefined;
  const bytes = causes
    .map(({ message }) => /^Too long: may not be more than (\d+) bytes/.exec(message ?? '')?.[1])
    .find((found) => found !== undefined);
  if (bytes === undefined) return undefined;
  const what = `it is too large: a ${ref.kind} may hold ${bytes} bytes`;
  return { code: 'OBJECT_INVALID', what, hint: splitHint };
}

function badRequest(status: ApiStatus, { object }: Asked): Explanation {
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
      hint: 'Write a number with a unit behind it, such as 500m, 2 or 1Gi.',
    };
  }
  const said = status.message.replace(/^failed to [^:]*: /, '');
  return { code, what: said.replace(/^unable to convert unstructured object to [^:]*: /, '') };
}
