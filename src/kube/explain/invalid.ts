import type { ApiStatus, StatusCause } from '../client/api-error.ts';
import { didYouMean } from './did-you-mean.ts';
import type { Asked, Explanation, KnownFields } from './explain.ts';

/** Refusals of the object's form: its fields, their types and values, and what cannot be changed any more. */
export async function explainInvalid(
  status: ApiStatus,
  asked: Asked,
  knownFields: KnownFields,
): Promise<Explanation | undefined> {
  const schema = schemaProblems(status.message);
  if (schema) {
    const what = await Promise.all(schema.map((line) => schemaProblem(line, knownFields)));
    return { code: 'OBJECT_INVALID', what: what.join('; ') };
  }
  if (status.code === 422) return invalidValues(status, asked);
  if (status.code === 413 || /request is too large|Request entity too large/i.test(status.message))
    return tooLarge();
  if (status.code === 400 || (status.code === 500 && /^failed to /.test(status.message)))
    return badRequest(status);
  return undefined;
}

function schemaProblems(message: string): string[] | undefined {
  const match = /^failed to create typed patch object \([^)]*\): (.*)$/s.exec(message);
  if (!match) return undefined;
  const lines = (match[1] ?? '').split('\n').map((line) => line.trim());
  return lines.filter((line) => line !== '' && line !== 'errors:');
}

async function schemaProblem(line: string, knownFields: KnownFields): Promise<string> {
  const match =
    /^\.?(.*?): (field not declared in schema|duplicate entries for key (\[.*\])|expected .*)$/s.exec(line);
  if (!match) return line;
  const [, path = '', problem = '', key] = match;
  if (key) return `${path} has two entries with ${key.slice(1, -1)}`;
  if (problem.startsWith('expected')) return `${path}: ${problem.replace(/, got &value.*$/s, '')}`;
  return `${path} is not a field${await didYouMean(path, knownFields)}`;
}

function invalidValues(status: ApiStatus, asked: Asked): Explanation {
  const causes = status.causes.length > 0 ? status.causes : [{ message: status.message }];
  const frozen = causes.filter(isImmutable);
  if (frozen.length === 0) return { code: 'OBJECT_INVALID', what: causes.map(describeCause).join('; ') };
  const fields = frozen.map((cause) => cause.field ?? 'this field').join(', ');
  const others = causes.filter((cause) => !isImmutable(cause)).map(describeCause);
  return {
    code: 'OBJECT_INVALID',
    what: [`${fields} cannot be changed once set`, ...others].join('; '),
    hint: keepsData(asked.ref.kind)
      ? 'Put the old value back. Deleting the object would lose its data.'
      : 'Put the old value back, give the object another name, or delete it by hand so that the next release makes it anew.',
  };
}

function isImmutable(cause: StatusCause): boolean {
  const said = cause.message ?? '';
  return /field is immutable|may not change once set|updates to \w+ spec for fields other than|cannot be changed|may not be changed|is immutable after creation/i.test(
    said,
  );
}

function keepsData(kind: string): boolean {
  return [
    'PersistentVolumeClaim',
    'PersistentVolume',
    'StatefulSet',
    'CustomResourceDefinition',
    'Namespace',
  ].includes(kind);
}

function describeCause(cause: StatusCause): string {
  const message = cause.message ?? 'is not valid';
  return cause.field ? `${cause.field}: ${message}` : message;
}

function tooLarge(): Explanation {
  return {
    code: 'OBJECT_INVALID',
    what: 'it is too large for the API server (etcd takes about 1.5 MB)',
    hint: 'Split it, or keep the content elsewhere.',
  };
}

function badRequest(status: ApiStatus): Explanation {
  if (/illegal base64 data/.test(status.message)) {
    return {
      code: 'OBJECT_INVALID',
      what: 'a value under data is not base64',
      hint: 'Encode it with base64, or write the plain text under stringData.',
    };
  }
  if (status.message.includes('managedFields must be nil')) {
    return {
      code: 'OBJECT_INVALID',
      what: 'it has metadata.managedFields',
      hint: 'Remove metadata.managedFields.',
    };
  }
  return { code: 'OBJECT_INVALID', what: status.message.replace(/^failed to [^:]*: /, '') };
}
