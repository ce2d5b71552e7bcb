import { z } from 'zod';
import { type FieldPath, parseFieldPath } from '../model/field-path.ts';
import { fieldKindPattern, identityMistake, ignoreMistake } from '../model/field-rule.ts';
import { fields } from './values.ts';

// Every rule is matched against every object.
const mostRules = 50;

const kind = z
  .string({ error: 'must be a text; put it in quotes' })
  .regex(fieldKindPattern, {
    error: 'is not a kind: write Kind, of any group, or Kind.group; * matches every kind',
  })
  .describe('Kind, of any group, or Kind.group; * matches every kind.');

const name = z
  .string({ error: 'must be a text; put it in quotes' })
  .regex(/^[A-Za-z0-9.:*_-]{1,253}$/, { error: 'is not the name of an object; * in it matches any text' })
  .optional()
  .describe('Name of the object; * in it matches any text. Default: all of the kind.');

const ignoreRule = fields({ kind, name, path: pathWith(identityMistake, ignoreMistake) });
const maskRule = fields({ kind, name, path: pathWith(identityMistake) });

const tooMany = { error: `has more than ${mostRules} entries` };

/** `ignore:` of an app as written. */
export const ignoreSchema = z.array(ignoreRule).max(mostRules, tooMany).default([]);

/** `mask:` of an app or a project as written. */
export const maskSchema = z.array(maskRule).max(mostRules, tooMany).default([]);

function pathWith(...checks: ((path: FieldPath) => string | undefined)[]) {
  return z
    .string({ error: 'must be a text; put it in quotes' })
    .check((context) => {
      const path = parseFieldPath(context.value);
      const mistakes = typeof path === 'string' ? [path] : checks.flatMap((check) => check(path) ?? []);
      const [message] = mistakes;
      if (message !== undefined) context.issues.push({ code: 'custom', message, input: context.value });
    })
    .describe(
      'Path as change sets show it: metadata.annotations[example.com/team], spec.containers[name=app].image.',
    );
}
