import { z } from 'zod';
import type { ForgeTypes } from './forge-type.ts';
import { serverSchemaOf } from './server-schema.ts';
import { slipwaySchema } from './slipway-schema.ts';

/** The JSON Schemas for editors, as text by file name; `npm run schemas` writes them to schemas/. */
export function jsonSchemas(forgeTypes: ForgeTypes): Record<string, string> {
  return {
    'server.schema.json': textOf(
      serverSchemaOf(forgeTypes),
      'Slipway server.yaml',
      'What the operator of Slipway allows, and the addresses of forges, clusters and Redis.',
    ),
    'slipway.schema.json': textOf(slipwaySchema, 'slipway.yaml', 'What a repository deploys, and where.'),
  };
}

function textOf(schema: z.ZodType, title: string, description: string): string {
  // `input`: the file as people write it, in which keys with a default are optional.
  const body = z.toJSONSchema(schema, { io: 'input', target: 'draft-7' });
  return `${JSON.stringify({ ...body, title, description }, null, 2)}\n`;
}
