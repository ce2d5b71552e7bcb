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
  healthy: expression.describe('True when the object is as it should be.'),
  failed: expression.describe('True when it has failed for good: the release fails at once.'),
  failing: expression.describe('True while it fails and is tried again: the release fails after failFast.'),
  progressing: expression.describe('True while it is on its way, also where healthy is true.'),
  suspended: expression.describe('True when nobody works on it, as its author wanted.'),
  message: expression.describe('A text that says how it stands. Default: what its conditions say.'),
});

/** `health:` of slipway.yaml as written: rules by kind. */
export const healthSchema = z
  .record(kind, healthRuleSchema)
  .default({})
  .describe('How objects of a kind are judged, in CEL: adds to what Slipway knows, or replaces it.');
