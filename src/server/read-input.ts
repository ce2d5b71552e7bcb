import type { z } from 'zod';
import { SlipwayError } from '../errors.ts';

/** Input of an API request, parsed by its schema. Throws USAGE that names the field. */
export function readInput<T>(schema: z.ZodType<T>, input: unknown): T {
  const result = schema.safeParse(input ?? {});
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const field = issue?.path.join('.') || 'the request';
  throw new SlipwayError('USAGE', `${field}: ${issue?.message ?? 'is not valid'}`, {
    hint: 'See docs/api.md for what each address takes.',
    cause: result.error,
  });
}
