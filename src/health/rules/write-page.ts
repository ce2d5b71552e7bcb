import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { withTables } from './page.ts';
import { tables } from './tables/index.ts';

const file = new URL('../../../docs/health.md', import.meta.url);

await writeFile(file, withTables(await readFile(file, 'utf8'), tables));
console.log(fileURLToPath(file));
