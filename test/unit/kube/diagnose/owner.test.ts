import { describe, expect, test } from 'vitest';
import { selects } from '../../../../src/kube/diagnose/owner.ts';
import type { JsonObject } from '../../../../src/model/object.ts';

const labels = { app: 'web', tier: 'front' };
const one = (operator: string, key: string, values?: string[]): JsonObject => ({
  matchExpressions: [{ key, operator, ...(values ? { values } : {}) }],
});

describe('a label selector', () => {
  test.each<[string, JsonObject, boolean]>([
    ['of equal labels', { matchLabels: { app: 'web' } }, true],
    ['of another label', { matchLabels: { app: 'web', tier: 'back' } }, false],
    ['of one of several', one('In', 'tier', ['back', 'front']), true],
    ['of one of other values', one('In', 'tier', ['back']), false],
    ['of a label that is missing', one('In', 'zone', ['a']), false],
    ['of none of several', one('NotIn', 'tier', ['front']), false],
    ['of none of several, if the label is missing', one('NotIn', 'zone', ['a']), true],
    ['of any value of a label', one('Exists', 'app'), true],
    ['of a missing label', one('DoesNotExist', 'app'), false],
    ['of everything', {}, true],
  ])('%s', (_name, selector, expected) => {
    expect(selects(selector, labels)).toBe(expected);
  });
});
