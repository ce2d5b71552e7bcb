import { posix } from 'node:path';
import type { Reach } from '../reach.ts';

/** `web/charts/db/templates/x.yaml` → the file in the repository; of an archive the archive. */
export function sourceFile(source: string, { sources }: Reach): string {
  for (let prefix = source; prefix !== '.'; prefix = posix.dirname(prefix)) {
    const folder = sources.get(prefix);
    if (folder === undefined) continue;
    return folder.endsWith('.tgz') ? folder : posix.join(folder, source.slice(prefix.length));
  }
  return source;
}
