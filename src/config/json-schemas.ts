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
      'What the operator of Slipway allows, and where everything is.',
    ),
    'slipway.schema.json': textOf(
      slipwaySchema,
      'slipway.yaml',
      'What of a repository is deployed, and where.',
    ),
  };
}

function textOf(schema: z.ZodType, title: string, description: string): string {
  // `input`: what people write, so a key with a default may be left out.
  const body = z.toJSONSchema(schema, { io: 'input', target: 'draft-7' });
  return `${JSON.stringify({ ...body, title, description }, null, 2)}\n`;
}
