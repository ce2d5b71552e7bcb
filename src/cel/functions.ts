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

/** Characters that are looked through in the time of one step. */
const charactersPerStep = 64;
const entriesPerStep = 16;

/** Put around what a loop runs over and around its condition; no expression can name them. */
export const loopRange = '@range';
export const loopTurn = '@turn';

/**
 * The standard functions of CEL, each charged by the size of what it is given, so that neither long texts nor long
 * lists make an evaluation long. `meter.budget` is that of the evaluation under way.
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
    celFunc(loopTurn, [DYN], DYN, (condition) => {
      spend(meter.budget, 1);
      return condition;
    }),
    celMethod('matches', STRING, [STRING], BOOL, function (pattern) {
      // The worst that was measured: 0.2 µs for each character of the text and instruction of the pattern.
      spend(meter.budget, 1 + (this.length * pattern.length) / 3);
      const compiled = patterns.get(pattern) ?? compilePattern(pattern);
      patterns.set(pattern, compiled);
      return compiled.test(this);
    }),
  ];
}

const longestPattern = 200;

/** A pattern in RE2's syntax. Throws with the reason where it is none, or one that would take long. */
export function compilePattern(pattern: string): RE2JS {
  if (pattern.length > longestPattern)
    throw new Error(`the pattern is longer than ${longestPattern} characters`);
  // `a{900}` alone is a program of 900 instructions; the length of the pattern is to be the measure.
  if (/\{\d/.test(pattern))
    throw new Error('counted repetitions such as {2,5} are not possible in a pattern');
  // Classes such as \pL are tables of thousands of entries.
  return RE2JS.compile(pattern, RE2JS.DISABLE_UNICODE_GROUPS);
}

function charged(func: CelFunc, meter: { budget: Budget }): CelFunc {
  // Joining is one step an entry only in what is added: `map` and `filter` add one entry at a time.
  const weigh = func.name === '_+_' ? (value: CelValue) => sizeOf(value) / entriesPerStep : weightOf;
  const call: CelFunc['call'] = (id, target, args) => {
    const values = target === undefined ? args : [target, ...args];
    spend(meter.budget, 1 + values.reduce((sum: number, value) => sum + weigh(value), 0));
    return func.call(id, target, args);
  };
  return Object.create(func, { call: { value: call } });
}

/** With what stands in lists of lists: comparing goes that deep. Maps charge for themselves when they are read. */
function weightOf(value: CelValue): number {
  if (!isCelList(value)) return sizeOf(value) / entriesPerStep;
  let sum = 0;
  for (const entry of value) sum += 1 / entriesPerStep + weightOf(entry);
  return sum;
}

/** Entries, or what a text or bytes come to beside them. */
function sizeOf(value: CelValue): number {
  if (isCelList(value) || isCelMap(value)) return value.size;
  if (typeof value === 'string' || value instanceof Uint8Array) {
    return (value.length * entriesPerStep) / charactersPerStep;
  }
  return 0;
}
