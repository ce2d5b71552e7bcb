import {
  type CelFunc,
  CelScalar,
  type CelValue,
  celEnv,
  celFunc,
  celMethod,
  isCelList,
  isCelMap,
} from '@bufbuild/cel';
import { RE2JS } from '@bufbuild/re2';
import { LRUCache } from 'lru-cache';
import { type Budget, spend } from './budget.ts';

/** Characters that are scanned in the time of one step. */
const charactersPerStep = 64;
const entriesPerStep = 16;

/** Wrapped around a loop's range and its condition; no expression can name them. */
export const loopRange = '@range';
export const loopIteration = '@iteration';

/**
 * The standard functions of CEL, each charged by the size of its arguments, so that neither long texts nor long lists
 * make an evaluation slow. `meter.budget` is the budget of the current evaluation.
 */
export function createFunctions(meter: { budget: Budget }): CelFunc[] {
  const standard = [...celEnv().funcs].filter(({ name }) => name !== 'matches');
  const { DYN, STRING, BOOL } = CelScalar;
  const patterns = new LRUCache<string, RE2JS>({ max: 500 });
  return [
    ...standard.map((func) => charged(func, meter)),
    celFunc(loopRange, [DYN], DYN, (range) => {
      spend(meter.budget, sizeOf(range) / 8);
      return range;
    }),
    celFunc(loopIteration, [DYN], DYN, (condition) => {
      spend(meter.budget, 1);
      return condition;
    }),
    celMethod('matches', STRING, [STRING], BOOL, function (pattern) {
      // The worst case measured: 0.2 µs for each character of the text and each instruction of the pattern.
      spend(meter.budget, 1 + (this.length * pattern.length) / 3);
      const compiled = patterns.get(pattern) ?? compilePattern(pattern);
      patterns.set(pattern, compiled);
      return compiled.test(this);
    }),
  ];
}

const longestPattern = 200;

/** A pattern in RE2's syntax. Throws with the reason if it is invalid or would be slow. */
export function compilePattern(pattern: string): RE2JS {
  if (pattern.length > longestPattern)
    throw new Error(`the pattern is longer than ${longestPattern} characters`);
  // `a{900}` compiles to 900 instructions; without such counts the length of the pattern bounds its cost.
  if (/\{\d/.test(pattern))
    throw new Error('counted repetitions such as {2,5} are not supported in a pattern');
  // Classes such as \pL are tables of thousands of entries.
  return RE2JS.compile(pattern, RE2JS.DISABLE_UNICODE_GROUPS);
}

function charged(func: CelFunc, meter: { budget: Budget }): CelFunc {
  // Concatenation costs one step per added entry: `map` and `filter` add one entry at a time.
  const weigh = func.name === '_+_' ? (value: CelValue) => sizeOf(value) / entriesPerStep : weightOf;
  const call: CelFunc['call'] = (id, target, args) => {
    const values = target === undefined ? args : [target, ...args];
    spend(meter.budget, 1 + values.reduce((sum: number, value) => sum + weigh(value), 0));
    return func.call(id, target, args);
  };
  return Object.create(func, { call: { value: call } });
}

/** Counts entries of nested lists, because comparisons go that deep. Maps are charged when they are read. */
function weightOf(value: CelValue): number {
  if (!isCelList(value)) return sizeOf(value) / entriesPerStep;
  let sum = 0;
  for (const entry of value) sum += 1 / entriesPerStep + weightOf(entry);
  return sum;
}

/** The number of entries, or the equivalent of a text or bytes. */
function sizeOf(value: CelValue): number {
  if (isCelList(value) || isCelMap(value)) return value.size;
  if (typeof value === 'string' || value instanceof Uint8Array) {
    return (value.length * entriesPerStep) / charactersPerStep;
  }
  return 0;
}
