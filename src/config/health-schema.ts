import { z } from 'zod';
import { ruleKindPattern } from '../model/health-rule.ts';
import { fields } from './values.ts';

const kind = z.string().regex(ruleKindPattern, {
  error:
    'is not a kind: write Kind.group, Kind alone for the core group, or *.group for all kinds of a group',
});

const expression = z
  .string({ error: 'must be a text; put it in quotes' })
  .min(1, { error: 'is empty' })
  .optional();

const healthRuleSchema = fields({
  healthy: expression.describe('True if the object is healthy.'),
  failed: expression.describe('True if it has failed permanently: the release fails at once.'),
  failing: expression.describe('True while it fails and is retried: the release fails after failFast.'),
  progressing: expression.describe('True while it is progressing; takes precedence over healthy.'),
  suspended: expression.describe('True if it is suspended on purpose.'),
  message: expression.describe('A text that describes its state. Default: the message of its conditions.'),
});

/** `health:` of slipway.yaml as written: rules by kind. */
export const healthSchema = z
  .record(kind, healthRuleSchema)
  .default({})
  .describe('How the health of a kind is evaluated, in CEL: adds to the built-in rules, or replaces them.');
