import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/** A version for a program of ours: it changes with the sources that are compiled into it, and with what they import. */
export function hashOfSources(module: string): string {
  const hash = createHash('sha256');
  for (const file of sourcesIn(module)) hash.update(`${relative(module, file)}\0`).update(readFileSync(file));
  return hash.digest('hex').slice(0, 16);
}

function sourcesIn(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sourcesIn(path);
    const isCompiled = entry.name.endsWith('.go') && !entry.name.endsWith('_test.go');
    return isCompiled || /^go\.(mod|sum)$/.test(entry.name) ? [path] : [];
  });
}
