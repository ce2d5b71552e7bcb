import { type CelInput, type CelValue, celEnv, isCelError, parse, plan } from '@bufbuild/cel';
import { LRUCache } from 'lru-cache';
import { type Budget, createBudget } from './budget.ts';
import { createFunctions } from './functions.ts';
import { type Finding, inspect, type Parsed } from './inspect.ts';

/** A compiled CEL expression. */
export interface Expression {
  readonly text: string;
  /** Never throws. Reading `variables` and computing with them is charged to the budget. */
  evaluate(variables: Variables, budget: Budget): Outcome;
}

export type Variables = { [name: string]: CelInput };

/** A value, or that a field or entry is missing, or an error message for the author. */
export type Outcome = { value: CelValue } | { missing: string } | { problem: string };

/** Why a text is not an expression. `line` and `column` are 1-based. */
export interface Mistake {
  message: string;
  line: number;
  column: number;
}

export interface Cel {
  /** Compiles each text once. */
  compile(text: string): Expression | Mistake;
}

export function isMistake(compiled: Expression | Mistake): compiled is Mistake {
  return 'message' in compiled;
}

/** Characters of an expression; the parser's time grows faster than the length. */
export const longestExpression = 1000;
/** Nesting depth; the parser's time for `((((…` grows with its third power. */
const deepestNesting = 24;

/**
 * Compiles expressions over the named variables. It is safe for untrusted expressions: no function reaches anything but
 * its arguments, patterns are RE2's, and length, depth and cost are bounded.
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

/** The library throws for a missing field; building the unused stack trace would be half of a rule's time. */
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
    // The library says `<input>:1:21: found & but expecting end of input`, with every token that it expected.
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
  // The parser names the last valid position.
  [/^(==|!=|<=|>=|&&|\|\|)/, (operator) => `what follows ${operator} cannot be parsed`],
];

/** Hints for operators of other languages, and for a text that is not closed. */
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

/** The library's message for a path that does not exist. */
function isAboutMissing(message: string): boolean {
  return /^(field not found|unresolved attribute|index \S+ out of bounds|no such (field|key))/.test(message);
}
