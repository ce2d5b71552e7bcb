import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { jsonSchemas } from '../config/json-schemas.ts';
import { forgeTypes } from '../forges/registry.ts';

const folder = new URL('../../schemas/', import.meta.url);

await mkdir(folder, { recursive: true });
for (const [name, text] of Object.entries(jsonSchemas(forgeTypes))) {
  const file = new URL(name, folder);
  await writeFile(file, text);
  console.log(fileURLToPath(file));
}
