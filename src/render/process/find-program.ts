import { access, constants } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import { SlipwayError } from '../../errors.ts';

const DEFAULT_PATH = '/usr/local/bin:/usr/bin:/bin';

/** The absolute path of a program, since it is started with an empty environment. Undefined where there is none. */
export async function findProgram(name: string, path = DEFAULT_PATH): Promise<string | undefined> {
  const candidates = isAbsolute(name) ? [name] : path.split(delimiter).map((folder) => join(folder, name));
  for (const candidate of candidates) {
    const runs = await access(candidate, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (runs) return candidate;
  }
  return undefined;
}

/** Throws INTERNAL that says what to install. */
export async function needProgram(name: string, path: string | undefined): Promise<string> {
  const found = await findProgram(name, path);
  if (found !== undefined) return found;
  throw new SlipwayError('INTERNAL', `the program ${name} was not found`, {
    hint: `Install ${name} on this host, or name it in server.yaml under programs.`,
  });
}
