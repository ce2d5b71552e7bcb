import { closest, distance } from 'fastest-levenshtein';
import { z } from 'zod';
import { cutText } from '../model/cut-text.ts';

/**
 * An object whose unknown keys are errors. The message has one line for each unknown key, in the order of the
 * issue's `keys`, so that `issues.ts` can report each of them at its own line.
 */
export function fields<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  const known = Object.keys(shape).filter((key) => !isNotYet(shape[key]));
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys
            .slice(0, maxProblems)
            .map((key) => `unknown key "${cutText(key, longestWord)}"${suggest(key, known)}`)
            .join('\n')
        : undefined,
  });
}

/** A key that is reserved for a later version: an error that says what to do `instead`. */
export function notYet(instead: string) {
  return z
    .never({ error: `is not available yet: remove it. ${instead}` })
    .optional()
    .describe('Not available yet.');
}

function isNotYet(schema: unknown): boolean {
  return schema instanceof z.ZodOptional && schema.unwrap() instanceof z.ZodNever;
}

// Bounds for a file of thousands of mistakes: the search for near words must stay fast.
export const maxProblems = 50;
const mostWords = 1000;
const longestWord = 100;
const mostListed = 20;

/** `; did you mean "branch"?`, or the possible words if none is near. */
export function suggest(word: string, known: readonly string[]): string {
  const words = known.slice(0, mostWords);
  if (word.length > longestWord || words.length === 0) return '';
  const nearest = closest(word, words);
  if (nearest === '') return '';
  const isNear = distance(word, nearest) <= Math.max(2, Math.floor(word.length / 3));
  if (isNear) return `; did you mean "${nearest}"?`;
  return words.length <= mostListed ? `; possible are ${words.join(', ')}` : '';
}

/** RFC 1123 label: valid as a Kubernetes namespace, and safe in names, addresses and paths. */
const labelPattern = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

export function isLabel(text: string): boolean {
  return labelPattern.test(text);
}

export const labelRule =
  'lower-case letters, digits and "-", at most 63 characters, beginning and ending with a letter or digit';

export const label = z.string().regex(labelPattern, { error: `is not a valid name: ${labelRule}` });

const durationPattern = /^(\d{1,9})(ms|s|m|h|d)$/;
const unitMs: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

export const duration = z
  .string({ error: 'must be a duration such as 30s, 3m or 1h' })
  .regex(durationPattern, { error: 'must be a duration such as 30s, 3m or 1h' });

/** Milliseconds of a text that `duration` accepted. */
export function durationMs(text: string): number {
  const [, count = '', unit = ''] = durationPattern.exec(text) ?? [];
  return Number(count) * (unitMs[unit] ?? Number.NaN);
}

const percentagePattern = /^(100|[1-9]?\d)%$/;

export const percentage = z
  .string({ error: 'must be a share such as "30%"' })
  .regex(percentagePattern, { error: 'must be a share such as "30%"' });

/** 0 to 1, of a text that `percentage` accepted. */
export function shareOf(text: string): number {
  return Number(text.slice(0, -1)) / 100;
}

const sizePattern = /^(\d{1,9})(Ki|Mi|Gi)$/;
const unitBytes: Record<string, number> = { Ki: 1024, Mi: 1024 ** 2, Gi: 1024 ** 3 };

export const size = z
  .string({ error: 'must be a size such as 64Ki, 512Mi or 1Gi' })
  .regex(sizePattern, { error: 'must be a size such as 64Ki, 512Mi or 1Gi' });

/** Bytes of a text that `size` accepted. */
export function sizeBytes(text: string): number {
  const [, count = '', unit = ''] = sizePattern.exec(text) ?? [];
  return Number(count) * (unitBytes[unit] ?? Number.NaN);
}

const path = z.string().min(1).describe('Path, relative to the folder of server.yaml.');

const secretRule = 'is a secret and must not be in the file: write { env: NAME } or { file: PATH }';

export const secret = z
  .union(
    [
      z.strictObject({
        env: z
          .string()
          .regex(/^[A-Za-z_][A-Za-z0-9_]*$/)
          .describe('Name of an environment variable.'),
      }),
      z.strictObject({ file: path }),
    ],
    { error: secretRule },
  )
  .describe(
    'A secret: { env: NAME } reads an environment variable, { file: PATH } a file beside server.yaml.',
  );
export type SecretSource = z.output<typeof secret>;

export const file = z
  .strictObject({ file: path }, { error: 'must be { file: PATH }' })
  .describe('A file; its path is relative to the folder of server.yaml.');

const urlRule = 'must be an http(s) address without user name, password, query or fragment';

export const httpUrl = z
  .string()
  .regex(/^https?:\/\/[^\s@?#]+$/, { error: urlRule })
  .refine((text) => URL.canParse(text), { error: urlRule });
