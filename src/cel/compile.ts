import { type CelInput, type CelValue, celEnv, isCelError, parse, plan } from '@bufbuild/cel';
import { LRUCache } from 'lru-cache';
import { type Budget, createBudget } from './budget.ts';
import { createFunctions } from './functions.ts';
import { type Finding, inspect, type Parsed } from './inspect.ts';

/** A CEL expression that is ready to be evaluated. */
export interface Expression {
  readonly text: string;
  /** Never throws. What is read of `variables` and what is done with it is taken from the budget. */
  evaluate(variables: Variables, budget: Budget): Outcome;
}

export type Variables = { [name: string]: CelInput };

/** A value; or that a field or entry is missing; or why there can be none, in words for the author. */
export type Outcome = { value: CelValue } | { missing: string } | { problem: string };

/** Why a text is no expression. `line` and `column` are places in the text, from 1. */
export interface Mistake {
  message: string;
  line: number;
  column: number;
}

export interface Cel {
  /** The same text is compiled once. */
  compile(text: string): Expression | Mistake;
}

export function isMistake(compiled: Expression | Mistake): compiled is Mistake {
  return 'message' in compiled;
}

/** Longer ones are programs; the time of the parser grows with more than the length. */
export const longestExpression = 1000;
/** `((((…` takes the parser time by the third power of its depth. */
const deepestNesting = 24;

/**
 * An evaluator for expressions over the variables named. It is safe with expressions of strangers: no function
 * reaches anything but the values it is given, patterns are RE2's, and length, depth and cost are bounded.
 */
export function createCel(variables: readonly string[]): Cel {
  const meter = { budget: createBudget(0) };
  const env = celEnv({ funcs: createFunctions(meter) });
  const compiled = new LRUCache<string, Expression | Mistake>({ max: 2000 });

  const compile = (text: string): Expression | Mistake => {
    const tooMuch = boundsOf(text);
    if (tooMuch) return placed(text, tooMuch);
    const parsed = parsedOf(text);
    if ('message' in parsed) return parsed;
    const found = inspect(parsed, env, variables);
    if (found) return placed(text, found);
    const run = plan(env, parsed);
    return {
      text,
      evaluate(values, budget) {
        meter.budget = budget;
        const result = withoutStacks(() => run(values));
        if (!isCelError(result)) return { value: result };
        return isAboutMissing(result.message) ? { missing: result.message } : { problem: result.message };
      },
    };
  };

  return {
    compile(text) {
      const known = compiled.get(text) ?? compile(text);
      compiled.set(text, known);
      return known;
    },
  };
}

/** What is missing is an error to the library, and its stack, which nobody sees, is half the time of a rule. */
function withoutStacks<T>(work: () => T): T {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    return work();
  } finally {
    Error.stackTraceLimit = limit;
  }
}

function boundsOf(text: string): Finding | undefined {
  if (text.length > longestExpression) {
    return { message: `is longer than ${longestExpression} characters`, offset: 0 };
  }
  let depth = 0;
  for (const [offset, character] of [...text].entries()) {
    if ('([{'.includes(character)) depth += 1;
    if (')]}'.includes(character)) depth -= 1;
    if (depth > deepestNesting) return { message: `has brackets more than ${deepestNesting} deep`, offset };
  }
  return undefined;
}

function parsedOf(text: string): Parsed | Mistake {
  try {
    return parse(text);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    // The library says `<input>:1:21: found & but expecting end of input`; of what it expected it lists every token.
    const [, line = '1', column = '1', rest = message] = /^<input>:(\d+):(\d+): (.*)$/s.exec(message) ?? [];
    const [found = rest] = rest.split(' but expecting');
    const place = { line: Number(line), column: Number(column) };
    return { message: `cannot be read: ${found}${adviceFor(text, place)}`, ...place };
  }
}

const advice: [RegExp, (found: string) => string][] = [
  [/^===|^=(?!=)/, () => 'equal is written =='],
  [/^and\b/, () => 'and is written &&'],
  [/^or\b/, () => 'or is written ||'],
  // The parser names the last place at which all was well.
  [/^(==|!=|<=|>=|&&|\|\|)/, (operator) => `what stands after ${operator} cannot be read`],
];

/** For what other languages write otherwise, and for a text that is not closed. */
function adviceFor(text: string, { line, column }: Omit<Mistake, 'message'>): string {
  const rest = (text.split('\n')[line - 1] ?? '').slice(column - 1);
  for (const [pattern, say] of advice) {
    const found = pattern.exec(rest);
    if (found) return `; ${say(found[0])}`;
  }
  return '';
}

function placed(text: string, { message, offset }: Finding): Mistake {
  const before = text.slice(0, offset).split('\n');
  return { message, line: before.length, column: (before.at(-1) ?? '').length + 1 };
}

/** The library's words for what a path does not lead to. */
function isAboutMissing(message: string): boolean {
  return /^(field not found|unresolved attribute|index \S+ out of bounds|no such (field|key))/.test(message);
}
