import { describe, expect, test } from 'vitest';
import { createBudget } from '../../../src/cel/budget.ts';
import { createCel, isMistake } from '../../../src/cel/compile.ts';
import { celOf } from '../../../src/cel/json-value.ts';
import type { JsonObject } from '../../../src/model/object.ts';

const cel = createCel(['status']);

/** About what the API server stores at most. */
const large: JsonObject = {
  phase: 'Running',
  numbers: Array.from({ length: 100_000 }, (_, index) => index),
  nested: [Array.from({ length: 100_000 }, (_, index) => index)],
  text: 'ab'.repeat(400_000),
  objects: Array.from({ length: 20_000 }, (_, index) => ({ type: `T${index}`, status: 'True' })),
};

function run(text: string, steps = 50_000) {
  const expression = cel.compile(text);
  if (isMistake(expression)) throw new Error(expression.message);
  const budget = createBudget(steps);
  const before = process.cpuUsage();
  const outcome = expression.evaluate({ status: celOf(large, budget) }, budget);
  const { user, system } = process.cpuUsage(before);
  return { outcome, cpuMs: (user + system) / 1_000, left: budget.left };
}

const digits = '[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]';

describe('an expression that would be slow', () => {
  test.each([
    ['loops over long lists in loops', 'status.numbers.all(x, status.numbers.all(y, x + y >= 0))'],
    ['the same over lists that it read once', '[status.numbers].all(n, n.all(x, n.all(y, x + y >= 0)))'],
    ['a loop that does nothing', '[status.numbers].all(n, n.all(x, n.all(y, true)))'],
    [
      'loops over its own lists',
      `${digits}.all(a, ${digits}.all(b, ${digits}.all(c, ${digits}.all(d, ${digits}.all(e, true)))))`,
    ],
    ['comparing long lists again and again', `[status.nested].all(n, ${digits}.all(d, n == n))`],
    ['comparing long texts', `[status.text].all(t, ${digits}.all(d, t.size() > d))`],
    ['doubling a text', `[status.text]${'.map(x, x + x)'.repeat(8)}[0].size() > 0`],
    ['comparing all there is', 'status.objects == status.objects'],
    ['a pattern over a long text', 'status.text.matches("(a|b)*a(a|b)(a|b)(a|b)c")'],
    ['patterns over many texts', 'status.objects.exists(o, o.type.matches("^(T[0-9]*)*(x|y)$"))'],
    ['a filter of much', 'status.objects.filter(o, o.status == "True").size() > 3'],
  ])('ends: %s', (_, text) => {
    const { outcome, cpuMs } = run(text);
    if ('problem' in outcome) expect(outcome.problem).toContain('costs too much');
    // The worst took 120 ms; without a bound each of these takes seconds or for ever.
    expect(cpuMs).toBeLessThan(2_000);
  });

  test('is distinguished from an invalid one', () => {
    expect(run('status.numbers.all(x, x >= 0)', 100).outcome).toEqual({
      problem: 'costs too much: it walks through too many values',
    });
  });
});

test('reading one field of a large object costs a few steps', () => {
  const { outcome, left } = run('status.phase == "Running"', 10);

  expect(outcome).toEqual({ value: true });
  expect(left).toBeGreaterThan(0);
});

test('a search through a thousand conditions fits the budget', () => {
  expect(run('status.objects.exists(o, o.type == "T1000" && o.status == "True")').outcome).toEqual({
    value: true,
  });
});
