import { describe, expect, test } from 'vitest';
import { createBudget } from '../../../src/cel/budget.ts';
import { createCel, isMistake, type Outcome } from '../../../src/cel/compile.ts';
import { celOf } from '../../../src/cel/json-value.ts';
import type { JsonObject } from '../../../src/model/object.ts';

const cel = createCel(['status', 'spec']);

function evaluate(text: string, status: JsonObject): Outcome {
  const expression = cel.compile(text);
  if (isMistake(expression)) throw new Error(expression.message);
  const budget = createBudget(1_000);
  return expression.evaluate({ status: celOf(status, budget), spec: celOf({}, budget) }, budget);
}

const oven: JsonObject = {
  phase: 'Hot',
  degrees: 220,
  ratio: 0.5,
  door: null,
  conditions: [
    { type: 'Ready', status: 'True' },
    { type: 'Lit', status: 'False' },
  ],
  byName: { 'a.b/c': { count: 0 }, constructor: 'odd' },
};

describe('an expression', () => {
  test.each([
    ['status.phase == "Hot"', true],
    ['status.degrees >= 220 && status.degrees < 221', true],
    ['status.degrees % 100 == 20', true],
    ['status.ratio * 2.0 == 1.0', true],
    ['status.ratio < status.degrees', true],
    ['status.door == null', true],
    ['has(status.phase) && !has(status.colour)', true],
    ['has(spec.anything)', false],
    ['status.conditions.exists(c, c.type == "Ready" && c.status == "True")', true],
    ['status.conditions.all(c, c.status == "True")', false],
    ['status.conditions.filter(c, c.status == "False")[0].type', 'Lit'],
    ['status.conditions.map(c, c.type) == ["Ready", "Lit"]', true],
    ['status.conditions == status.conditions', true],
    ['status.byName["a.b/c"].count == 0', true],
    ['status.byName.constructor == "odd"', true],
    ['"a.b/c" in status.byName', true],
    ['status.byName.exists(name, name == "constructor")', true],
    ['status.phase in ["Warm", "Hot"]', true],
    ['status.phase.matches("^H(o|u)t$")', true],
    ['status.colour == "red" || status.phase == "Hot"', true],
    ['status.colour == "red" ? "red" : status.phase', undefined],
    ['"at " + string(status.degrees)', 'at 220'],
    ['duration("90s") > duration("1m")', true],
  ])('%s', (text, expected) => {
    const outcome = evaluate(text, oven);
    expect('value' in outcome ? outcome.value : undefined).toEqual(expected);
  });

  test.each(['status.colour', 'status.colour.shade == 1', 'status.conditions[7].type', 'status.byName["1"]'])(
    '%s is about something that is missing',
    (text) => {
      expect(evaluate(text, oven)).toHaveProperty('missing');
    },
  );

  test.each(['status.phase + 1', 'status.phase && true', 'status.degrees / 0'])(
    '%s cannot be evaluated',
    (text) => {
      expect(evaluate(text, oven)).toHaveProperty('problem');
    },
  );

  test('is compiled once', () => {
    expect(cel.compile('status.phase == "x"')).toBe(cel.compile('status.phase == "x"'));
  });
});

describe('a mistake is found at compile time, with its place', () => {
  test.each([
    ['status.phase == "Hot" &&', 1, 23, 'cannot be read'],
    ['status.phase ==\n  "Hot" ??', 2, 9, 'cannot be read'],
    ['"open', 1, 1, 'cannot be read'],
    ['status.phase == "Hot', 1, 14, 'what follows == cannot be parsed'],
    ['status.phase = "Hot"', 1, 14, 'equal is written =='],
    ['status.phase === "Hot"', 1, 14, 'equal is written =='],
    ['status.lit and status.hot', 1, 12, 'and is written &&'],
    ['status.lit or status.hot', 1, 12, 'or is written ||'],
    ['data.lit == "yes"', 1, 1, 'unknown variable "data"; there are'],
    ['', 1, 1, 'cannot be read'],
    ['stats.phase == "Hot"', 1, 1, 'unknown variable "stats"; did you mean "status"?'],
    ['[1].all(x, y > 0)', 1, 12, 'unknown variable "y"'],
    ['[1].all(x, x > 0) && x > 0', 1, 22, 'unknown variable "x"'],
    ['true &&\n  status.phase.startWith("H")', 2, 15, 'did you mean "startsWith"?'],
    ['has(status)', 1, 1, 'has() takes one field'],
    ['status.phase.matches(status.door)', 1, 13, 'written out'],
    ['status.phase.matches("(")', 1, 13, 'missing closing )'],
    ['status.phase.matches("a{900}")', 1, 13, 'counted repetitions'],
    ['status.phase.matches("\\\\pL")', 1, 13, 'invalid escape sequence'],
    ['Oven{hot: true}', 1, 1, 'unknown type "Oven"'],
    [`${'('.repeat(25)}1${')'.repeat(25)}`, 1, 25, 'brackets more than 24 deep'],
    [`${'[1].all(a, '.repeat(9)}true${')'.repeat(9)}`, 1, 92, 'more than 8 of all'],
  ])('%j', (text, line, column, message) => {
    const mistake = cel.compile(text);
    expect(mistake).toMatchObject({ line, message: expect.stringContaining(message) });
    expect('column' in mistake && mistake.column).toBe(column);
  });

  test('a text of more than 1,000 characters', () => {
    expect(cel.compile(`"${'x'.repeat(1000)}"`)).toMatchObject({ message: 'is longer than 1000 characters' });
  });
});
