import { parseArgs } from 'node:util';

/** Options that shorten a benchmark for a trial. */
const names = ['objects', 'rounds', 'largest', 'minutes'] as const;

/** A number given after the name of the benchmark (`npm run bench memory -- --minutes 1`), for shorter trials. */
export function numberOption(name: (typeof names)[number], otherwise: number): number {
  const { values } = parseArgs({
    args: process.argv.slice(3),
    options: Object.fromEntries(names.map((one) => [one, { type: 'string' as const }])),
    strict: true,
  });
  const text = values[name];
  if (typeof text !== 'string') return otherwise;
  const value = Number(text);
  if (!(value > 0)) throw new Error(`--${name} ${text} is not a positive number`);
  return value;
}
