import { access, constants } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import { SlipwayError } from '../errors.ts';

const DEFAULT_PATH = '/usr/local/bin:/usr/bin:/bin';

/** The absolute path of the engine, since it is started with an empty environment. Throws INTERNAL that says what to do. */
export async function findEngine(name: string, path = DEFAULT_PATH): Promise<string> {
  const candidates = isAbsolute(name) ? [name] : path.split(delimiter).map((folder) => join(folder, name));
  for (const candidate of candidates) {
    const runs = await access(candidate, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (runs) return candidate;
  }
  throw new SlipwayError('INTERNAL', `the render engine ${name} was not found`, {
    hint: 'Build it (`go build` in engine/) or take the image, and name it in server.yaml as programs.engine.',
  });
}
