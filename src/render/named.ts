import { SlipwayError } from '../errors.ts';
import type { Target } from '../model/target.ts';

/** Codes of errors that are about an app's own files. */
const ownCodes: string[] = [
  'RENDER_FAILED',
  'RENDER_REMOTE',
  'RENDER_LIMIT',
  'OBJECT_INVALID',
  'PATH_MISSING',
];

/** Puts the app's name before errors about its files, so that a status or a log line says whose they are. */
export async function named<T>({ app }: Target, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof SlipwayError) || !ownCodes.includes(error.code)) throw error;
    const { code, hint, place, object, message } = error;
    const summary = object ? message : `${app}: ${message}`;
    throw new SlipwayError(code, summary, { hint, place, object, cause: error });
  }
}
